"""One row of a file read as a person and, perhaps, a past visit of that person."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic.names import fold
from intake.fields import CONSENTS
from outbox.errors import Refused
from patients.actions import normalise_email
from patients.dates import list_dates, read_birth_date
from patients.models import Sex
from patients.phones import WrongPhone, normalise_phone

_BETWEEN_PHONES = re.compile(r"[,;/\n]|\s{2,}")
_BETWEEN_EMAILS = re.compile(r"[,;\s]+")
_PATRONYMIC = re.compile(r"(?:вна|чна|вич|ьич|мич|оглы|кызы)$", re.IGNORECASE)
_FEMALE, _MALE = re.compile(r"(?:вна|чна|кызы)$"), re.compile(r"(?:вич|ьич|мич|оглы)$")
_INITIALS = re.compile(r"^(\w)\.\s*(?:(\w)\.?)?$")
_NOT_MONEY = re.compile(r"[^\d.,\-]")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?$")
YES = {"да", "yes", "y", "1", "true", "+", "есть", "согласен", "согласна", "получено", "истина"}
LONGEST_NAME = 100
LONGEST_NOTE = 2_000
LARGEST_SUM = Decimal(10_000_000)


class RowRefused(Exception):
    """The row cannot be imported; `code` says why (`intake.reasons`)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Rules:
    """What the clinic decided about things that the file does not say.

    `bad_phones`: import the row without the phone, or refuse it. `nameless`: refuse a row without
    a name, or import it under a stand-in name. `basis` is the wording of consents in the file.
    """

    bad_phones: str = "skip"
    nameless: str = "refuse"
    basis: str = ""


@dataclass(frozen=True, kw_only=True)
class PastVisit:
    """`at` is None when the file knows the day but not the hour."""

    on: date
    at: time | None
    service: str
    doctor: str
    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Record:
    """A row that makes sense. `remarks` are codes of what had to be left out."""

    last_name: str
    first_name: str
    middle_name: str
    birth_on: date | None
    sex: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    source: str
    note: str
    added_on: date | None
    consents: tuple[tuple[str, str], ...]
    visit: PastVisit | None
    remarks: tuple[str, ...] = field(default=())

    @property
    def name_key(self) -> str:
        return fold(" ".join(filter(None, (self.last_name, self.first_name, self.middle_name))))

    @property
    def identity(self) -> str:
        """The same for all rows of one person in a file: name, and what tells namesakes apart."""
        known = (*self.phones[:1], *self.emails[:1], str(self.birth_on or ""))
        return hashlib.sha256("|".join((self.name_key, *known)).encode()).hexdigest()


def read_record(
    values: Sequence[str], mapping: Sequence[str], *, rules: Rules, zone: ZoneInfo, now: datetime
) -> Record:
    """Make a record of the row. Raises `RowRefused`."""
    if any(values[len(mapping) :]):
        raise RowRefused("too_many_cells")
    cells = _by_field(values, mapping)
    today = now.astimezone(zone).date()
    remarks: list[str] = []
    phones = _read_phones(cells.get("phone", ()), remarks)
    if rules.bad_phones == "refuse" and "bad_phone" in remarks:
        raise RowRefused("bad_phone")
    emails = _read_emails(cells.get("email", ()), remarks)
    last, first, middle = _read_name(cells, rules, has_contact=bool(phones or emails))
    if not phones:
        remarks.append("no_phone")
    return Record(
        last_name=last,
        first_name=first,
        middle_name=middle,
        birth_on=_read_birth(_one(cells, "birth_on"), today, remarks),
        sex=_read_sex(_one(cells, "sex"), middle),
        phones=phones,
        emails=emails,
        source=_one(cells, "source")[:LONGEST_NAME],
        note="\n".join(cells.get("note", ()))[:LONGEST_NOTE],
        added_on=_read_past_day(_one(cells, "added_on"), today),
        consents=tuple(
            consent for code, consent in CONSENTS.items() if fold(_one(cells, code)) in YES
        ),
        visit=_read_visit(cells, zone=zone, now=now),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _by_field(values: Sequence[str], mapping: Sequence[str]) -> dict[str, list[str]]:
    cells: dict[str, list[str]] = {}
    for code, value in zip(mapping, values, strict=False):
        if code and value:
            cells.setdefault(code, []).append(value)
    return cells


def _one(cells: Mapping[str, Sequence[str]], code: str) -> str:
    return next(iter(cells.get(code, ())), "")


# The name


def _read_name(
    cells: Mapping[str, Sequence[str]], rules: Rules, *, has_contact: bool
) -> tuple[str, str, str]:
    whole = _one(cells, "full_name")
    told = (_one(cells, "last_name"), _one(cells, "first_name"), _one(cells, "middle_name"))
    last, first, middle = split_name(whole) if whole and not told[1] else told
    names = tuple(_capitalise(name)[:LONGEST_NAME] for name in (last, first, middle or told[2]))
    if any(sign.isalpha() for sign in "".join(names[:2])):
        return names[0], names[1], names[2]
    if rules.nameless == "refuse" or not has_contact:
        raise RowRefused("no_name")
    return _("Nameless"), "", ""


def split_name(whole: str) -> tuple[str, str, str]:
    """«Иванова Анна Петровна», «Анна Петровна», «Иванова А.П.» → last, first, middle."""
    words = whole.replace(",", " ").split()
    if len(words) == 1:
        return words[0], "", ""
    rest = " ".join(words[1:])
    if initials := _INITIALS.match(rest):
        return words[0], f"{initials[1]}.", f"{initials[2]}." if initials[2] else ""
    if len(words) == 2:
        if _PATRONYMIC.search(words[1]):
            return "", words[0], words[1]
        return words[0], words[1], ""
    return words[0], words[1], " ".join(words[2:])


def _capitalise(name: str) -> str:
    """ИВАНОВА-ПЕТРОВА and иванова → Иванова-Петрова, Иванова; mixed case is somebody's choice."""
    if name != name.upper() and name != name.lower():
        return name
    return re.sub(r"\w+", lambda word: word[0].capitalize(), name)


def _read_sex(text: str, middle: str) -> str:
    sign = fold(text)[:1]
    if sign in {"ж", "f", "w"}:
        return Sex.FEMALE.value
    if sign in {"м", "m"}:
        return Sex.MALE.value
    if _FEMALE.search(middle.lower()):
        return Sex.FEMALE.value
    return Sex.MALE.value if _MALE.search(middle.lower()) else ""


# Contacts and dates


def _read_phones(cells: Sequence[str], remarks: list[str]) -> tuple[str, ...]:
    """Several numbers may stand in one cell; what is no number is left out with a remark."""
    phones: dict[str, None] = {}
    for cell in cells:
        for text in _split_phones(cell):
            try:
                phones[normalise_phone(text)] = None
            except WrongPhone:
                remarks.append("bad_phone")
    return tuple(phones)


def _split_phones(cell: str) -> list[str]:
    try:
        normalise_phone(cell)
    except WrongPhone:
        return [part for part in _BETWEEN_PHONES.split(cell) if part.strip()]
    return [cell]


def _read_emails(cells: Sequence[str], remarks: list[str]) -> tuple[str, ...]:
    emails: dict[str, None] = {}
    for cell in cells:
        for text in filter(None, _BETWEEN_EMAILS.split(cell)):
            try:
                emails[normalise_email(text)] = None
            except Refused:
                remarks.append("bad_email")
    return tuple(emails)


def _read_birth(text: str, today: date, remarks: list[str]) -> date | None:
    if not text:
        return None
    try:
        return read_birth_date(text.split(" ")[0] if ":" in text else text, today=today)
    except Refused:
        remarks.append("bad_birth")
        return None


def _read_past_day(text: str, today: date) -> date | None:
    return next((day for day in list_dates(text.split(" ")[0]) if day <= today), None)


# The visit


def _read_visit(
    cells: Mapping[str, Sequence[str]], *, zone: ZoneInfo, now: datetime
) -> PastVisit | None:
    """A row with an empty date tells of no visit; a date that is none would lose one silently."""
    text = _one(cells, "visit_on")
    if not text:
        return None
    day_text, _space, clock_text = text.partition(" ")
    days = list_dates(day_text)
    if not days:
        raise RowRefused("bad_visit_date")
    past = [day for day in days if day <= now.astimezone(zone).date()]
    at = _read_clock(_one(cells, "visit_time") or clock_text)
    if not past or (at and datetime.combine(past[0], at, tzinfo=zone) > now):
        raise RowRefused("visit_in_future")
    if past[0] < now.date() - timedelta(days=50 * 365):
        raise RowRefused("bad_visit_date")
    return PastVisit(
        on=past[0],
        at=at,
        service=_one(cells, "visit_service")[:150],
        doctor=_one(cells, "visit_doctor")[:LONGEST_NAME],
        total=_read_sum(_one(cells, "visit_sum")),
    )


def _read_clock(text: str) -> time | None:
    """Midnight is what a spreadsheet writes when it knows no hour."""
    match = _CLOCK.search(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    clock = time(int(match[1]), int(match[2]))
    return None if clock == time() else clock


def _read_sum(text: str) -> Decimal:
    """«1 500,00 ₽», «1,500.50». Raises `RowRefused` for what is no sum of money."""
    figures = _NOT_MONEY.sub("", text).strip(".,")
    if not figures:
        return Decimal(0)
    decimal_sign = "," if figures.rfind(",") > figures.rfind(".") else "."
    if decimal_sign == "," and len(figures) - figures.rfind(",") == 4 and figures.count(",") == 1:
        decimal_sign = "."
    other = "." if decimal_sign == "," else ","
    try:
        total = Decimal(figures.replace(other, "").replace(decimal_sign, "."))
    except InvalidOperation as error:
        raise RowRefused("bad_sum") from error
    if not 0 <= total <= LARGEST_SUM:
        raise RowRefused("bad_sum")
    return total.quantize(Decimal("0.01"))
