"""Who of the file is on the books already: a whole batch of rows in five statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from intake.models import RowOutcome
from intake.records import Record
from patients.models import ContactPoint, Patient
from patients.queries import Identity, compare_people

REASONS = ("contact", "birth", "name")


@dataclass(frozen=True)
class Match:
    """What a row is: NEW, SAME as the candidate beyond doubt, or DOUBTFUL."""

    outcome: RowOutcome
    candidate_id: int | None = None


@dataclass
class _Known:
    id: int
    name_key: str
    birth_on: date | None
    addresses: set[str] = field(default_factory=set)


class Books:
    """The patients who have anything in common with the batch, by what they have in common."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.by_address: dict[str, set[int]] = defaultdict(set)
        self.by_name: dict[str, set[int]] = defaultdict(set)
        self.by_birth: dict[date, set[int]] = defaultdict(set)
        self.people: dict[int, _Known] = {}
        ids = _list_near(records)
        contacts: dict[int, set[str]] = defaultdict(set)
        owned = ContactPoint.objects.filter(patient_id__in=ids)
        for patient_id, value in owned.values_list("patient_id", "value"):
            contacts[patient_id].add(value)
        rows = Patient.objects.filter(pk__in=ids).values_list("id", "name_key", "birth_on")
        for patient_id, name_key, birth_on in rows:
            self._add(_Known(patient_id, name_key, birth_on, contacts[patient_id]))

    def add(self, record: Record, patient_id: int) -> None:
        """From now on the person of the record is known too."""
        addresses = set(_addresses(record))
        self._add(_Known(patient_id, record.name_key, record.birth_on, addresses))

    def _add(self, person: _Known) -> None:
        self.people[person.id] = person
        self.by_name[person.name_key].add(person.id)
        for address in person.addresses:
            self.by_address[address].add(person.id)
        if person.birth_on:
            self.by_birth[person.birth_on].add(person.id)

    def match(self, record: Record) -> Match:
        """Say whether the person is known, as far as the file can tell.

        SAME needs the same full name (a missing patronymic contradicts nothing) and the same
        contact or birth date. A phone alone is a family's; a similar name is a question.
        """
        identity = Identity(
            name_key=record.name_key, birth_on=record.birth_on, addresses=_addresses(record)
        )
        doubtful: list[tuple[int, int]] = []
        for patient in self._near(record):
            shares = not patient.addresses.isdisjoint(identity.addresses)
            if _is_same(record, patient, shares=shares):
                return Match(RowOutcome.SAME, patient.id)
            seen = {
                "name_key": patient.name_key,
                "birth_on": patient.birth_on,
                "shares": shares,
            }
            if reason := compare_people(identity, seen):
                doubtful.append((REASONS.index(reason), patient.id))
        if doubtful:
            return Match(RowOutcome.DOUBTFUL, min(doubtful)[1])
        return Match(RowOutcome.NEW)

    def _near(self, record: Record) -> Iterable[_Known]:
        ids = set(self.by_name.get(record.name_key, ()))
        for address in _addresses(record):
            ids |= self.by_address.get(address, set())
        if record.birth_on:
            ids |= self.by_birth.get(record.birth_on, set())
        return (self.people[patient_id] for patient_id in sorted(ids))


def _list_near(records: Sequence[Record]) -> set[int]:
    """Three look-ups by index; who has nothing in common is never read."""
    addresses = {address for record in records for address in _addresses(record)}
    names = {record.name_key for record in records}
    births = {record.birth_on for record in records if record.birth_on}
    by_address = ContactPoint.objects.filter(value__in=addresses)
    return {
        *by_address.values_list("patient_id", flat=True),
        *Patient.objects.filter(name_key__in=names).values_list("id", flat=True),
        *Patient.objects.filter(birth_on__in=births).values_list("id", flat=True),
    }


def _addresses(record: Record) -> tuple[str, ...]:
    return (*record.phones, *record.emails)


def _is_same(record: Record, patient: _Known, *, shares: bool) -> bool:
    births = {record.birth_on, patient.birth_on} - {None}
    if len(births) == 2:
        return False
    same_birth = bool(births) and record.birth_on == patient.birth_on
    if shares or same_birth:
        return _is_same_name(record.name_key.split(), patient.name_key.split())
    is_bare = not (births or patient.addresses or _addresses(record))
    return is_bare and record.name_key == patient.name_key


def _is_same_name(one: list[str], other: list[str]) -> bool:
    """«иванова анна» is «иванова анна петровна», but «иванова» alone is nobody in particular."""
    if min(len(one), len(other)) < 2:
        return one == other
    return one[:2] == other[:2] and (len(one) == 2 or len(other) == 2 or one[2:] == other[2:])
