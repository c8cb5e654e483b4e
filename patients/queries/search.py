import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Right

from clinic.names import fold
from patients.dates import list_dates
from patients.models import ContactKind, ContactOwner, ContactPoint, Patient
from patients.phones import RUSSIAN_DIGITS

TAIL = 4
SHORTEST_NUMBER = 3
TRIGRAM = 3
COLUMNS = (
    "id", "last_name", "first_name", "middle_name", "name_key", "birth_on", "phone", "phone_owner",
)  # fmt: skip

_BETWEEN_WORDS = re.compile(r"[\s,;]+")
_NOT_A_DIGIT = re.compile(r"[^0-9]")
_SURELY_A_DATE = re.compile(r"[./]|^\d{4}-")
_TYPED_IN_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_LAYOUT = str.maketrans("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё")


@dataclass(frozen=True, kw_only=True)
class PatientRow:
    """A patient in a list. `phone` (E.164) is the one searched for, else the main one."""

    id: int
    full_name: str
    birth_on: date | None
    phone: str
    phone_owner: str

    @property
    def owner_label(self) -> str:
        return label_of_owner(self.phone_owner)


def label_of_owner(owner: str) -> str:
    """Say whose a contact is when it is not the patient's own."""
    return "" if owner in {"", ContactOwner.OWN} else str(ContactOwner(owner).label)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a search text asks for: all `words`, one of `dates`, one of `numbers`.

    `words` are parts of the folded name, `numbers` parts of a phone. With `is_either` the same
    figures may be a date or a number («12031985»).
    """

    words: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    numbers: tuple[str, ...] = ()
    is_either: bool = False


class IsAnyOf(Func):
    """`id = ANY (ARRAY(SELECT …))`: unlike `IN`, it makes the planner find the few ids first."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def find_patients(
    *,
    text: str,
    limit: int,
    among: QuerySet[Patient] | None = None,
    by_part_of_phone: bool = True,
) -> list[PatientRow]:
    """Find patients by any part of the name, phone, last four digits or birth date.

    Words and figures narrow each other («иванова 4567», «анна 12.03.1985»). Those whose surname
    begins with a word come first, then by name. A name that finds nobody and was typed in
    the Latin layout («bdfyjd») is tried in the Russian one. `among` narrows to the patients that
    the searcher may see (`list_visible_patients`). Without `by_part_of_phone` a number is found
    whole or by its last four digits alone: for those who see phones masked (`sees_contacts`), who
    could otherwise find out a number digit by digit.
    """
    patients = Patient.objects.all() if among is None else among
    for written in (text, text.lower().translate(_LAYOUT)):
        wanted = read_wanted(written)
        if not by_part_of_phone:
            wanted = replace(wanted, numbers=tuple(filter(_is_telling, wanted.numbers)))
        rows = _search(patients, wanted, limit)
        if rows or not _TYPED_IN_LATIN.search(text):
            break
    return rows


def _is_telling(number: str) -> bool:
    """Whether who searches for it knows it already, or is shown it anyway."""
    digits = number.removeprefix("+")
    return len(digits) == TAIL or len(digits) >= RUSSIAN_DIGITS


def read_wanted(text: str) -> Wanted:
    """Take a search text apart into words of a name, dates and parts of a phone."""
    parts = _split(text)
    names = [part for part in parts if any(sign.isalpha() for sign in part)]
    figures = [part for part in parts if part not in names]
    words = tuple(word for part in names for word in fold(part).split())
    whole = " ".join(figures)
    dates = list_dates(whole)
    if dates:
        number = "" if _SURELY_A_DATE.search(whole) else whole
        return Wanted(
            words=words, dates=tuple(dates), numbers=_list_numbers(number), is_either=True
        )
    dated = [part for part in figures if _SURELY_A_DATE.search(part) and list_dates(part)]
    return Wanted(
        words=words,
        dates=tuple(found for part in dated for found in list_dates(part)),
        numbers=_list_numbers("".join(part for part in figures if part not in dated)),
    )


def _split(text: str) -> list[str]:
    """PostgreSQL knows no NUL; nobody types one by hand."""
    return [part for part in _BETWEEN_WORDS.split(text.replace("\0", "")) if part]


def _list_numbers(text: str) -> tuple[str, ...]:
    """Return the ways in which the digits may stand in E.164: 8 916… is +7 916…"""
    digits = _NOT_A_DIGIT.sub("", text)
    if len(digits) < SHORTEST_NUMBER:
        return ()
    if len(digits) == RUSSIAN_DIGITS + 1 and digits[0] in "78":
        return (digits[1:],)
    if digits[0] == "8" and len(digits) > TAIL:
        return (digits, f"+7{digits[1:]}")
    return (digits,)


def _search(patients: QuerySet[Patient], wanted: Wanted, limit: int) -> list[PatientRow]:
    if not (wanted.words or wanted.dates or wanted.numbers):
        return []
    found = with_phone(_narrow_by_figures(patients, wanted), wanted.numbers)
    columns = found.order_by("name_key", "id").values(*COLUMNS)
    if wanted.words:
        columns = _starting_first(columns, wanted.words, limit)
    rows = sorted(columns[:limit], key=lambda row: not row["name_key"].startswith(wanted.words))
    return [row_of(row) for row in rows]


def _narrow_by_figures(patients: QuerySet[Patient], wanted: Wanted) -> QuerySet[Patient]:
    owners = _list_owners(wanted.numbers)
    if wanted.dates and wanted.numbers and wanted.is_either:
        born = Patient.objects.filter(birth_on__in=wanted.dates).values("pk")
        return patients.filter(IsAnyOf("pk", ArraySubquery(owners.union(born))))
    if wanted.dates:
        patients = patients.filter(birth_on__in=wanted.dates)
    if wanted.numbers:
        patients = patients.filter(IsAnyOf("pk", ArraySubquery(owners)))
    return patients


def _list_owners(numbers: tuple[str, ...]) -> QuerySet[ContactPoint, Any]:
    phones = ContactPoint.objects.filter(kind=ContactKind.PHONE).values("patient_id")
    if len(numbers) == 1 and len(numbers[0]) == TAIL:
        return phones.alias(tail=Right("value", TAIL)).filter(tail=numbers[0])
    return phones.filter(_holds(numbers))


def _holds(numbers: tuple[str, ...]) -> Q:
    return Q(*(Q(value__contains=number) for number in numbers), _connector=Q.OR)


def with_phone(patients: QuerySet[Patient], numbers: tuple[str, ...] = ()) -> QuerySet[Patient]:
    """Add `phone` and `phone_owner`: the phone that holds one of the numbers, else the main."""
    own = ContactPoint.objects.filter(patient=OuterRef("pk"), kind=ContactKind.PHONE)
    if numbers:
        is_other = Case(When(_holds(numbers), then=0), default=1, output_field=IntegerField())
        own = own.order_by(is_other, "-is_primary", "id")
    else:
        own = own.order_by("-is_primary", "id")
    return patients.annotate(
        phone=Subquery(own.values("value")[:1]), phone_owner=Subquery(own.values("owner")[:1])
    )


def _starting_first(
    found: QuerySet[Patient, dict[str, Any]], words: tuple[str, ...], limit: int
) -> QuerySet[Patient, dict[str, Any]]:
    """One statement of two branches, each with an index of its own.

    The second, any part of the name, is run only as far as the first, surnames that begin with
    one of the words, leaves room. A word under three letters has no trigram: it must begin a
    word of the name.
    """
    for word in words:
        found = found.filter(_stands_in_name(word))
    begins = Q(*(Q(name_key__startswith=word) for word in words), _connector=Q.OR)
    starting = found.filter(begins)
    if max(map(len, words)) < TRIGRAM:
        return starting
    return starting[:limit].union(found.exclude(begins)[:limit], all=True)


def _stands_in_name(word: str) -> Q:
    if len(word) >= TRIGRAM:
        return Q(name_key__contains=word)
    return Q(name_key__startswith=word) | Q(name_key__contains=f" {word}")


def row_of(values: Mapping[str, Any]) -> PatientRow:
    names = (values["last_name"], values["first_name"], values["middle_name"])
    return PatientRow(
        id=values["id"],
        full_name=" ".join(filter(None, names)),
        birth_on=values["birth_on"],
        phone=values["phone"] or "",
        phone_owner=values["phone_owner"] or "",
    )


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a text that found nobody says of the one to be added; `number` is as typed."""

    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    dates: tuple[date, ...] = ()
    number: str = ""


def guess_person(text: str) -> Guess:
    """Take «иванова анна 8 916 123-45-67» apart, surname first, for the form to begin with."""
    parts = _split(text)
    names = [part for part in parts if any(sign.isalpha() for sign in part)]
    figures = " ".join(part for part in parts if part not in names)
    dates = list_dates(figures)
    capital = [_capitalise(name) for name in names]
    return Guess(
        last_name=capital[0] if names else "",
        first_name=capital[1] if len(names) > 1 else "",
        middle_name=" ".join(capital[2:]),
        dates=tuple(dates),
        number="" if dates else figures,
    )


def _capitalise(name: str) -> str:
    """`петрова-водкина` → `Петрова-Водкина`; a name with capitals of its own stays."""
    if not name.islower():
        return name
    return "-".join(part[:1].upper() + part[1:] for part in name.split("-"))
