"""What can be done with bookings that a change of hours leaves alone: other times, colleagues."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appointments.models import UPCOMING, Appointment
from appointments.queries import Slot, SlotQuery, list_free_slots
from clinic.models import Employee

AHEAD = timedelta(days=45)
"""How long after the last of the bookings its doctor's free times are looked for."""
MOST_WAYS = 3
MOST_SLOTS = 20_000
CELL = timedelta(minutes=15)

Cell = tuple[int, datetime]


@dataclass(frozen=True, kw_only=True)
class Way:
    """A time with an employee to which a booking could go."""

    employee_id: int
    employee: str
    starts_at: datetime

    @property
    def value(self) -> str:
        """How a form sends it back."""
        return f"{self.employee_id}@{self.starts_at.isoformat()}"


@dataclass(frozen=True, kw_only=True)
class Stranded:
    """A booking left alone; `moves` are times of its doctor, `hands` of colleagues, best first."""

    booking: Appointment
    moves: Sequence[Way] = ()
    hands: Sequence[Way] = ()


def list_ways_out(*, bookings: Sequence[Appointment], now: datetime) -> list[Stranded]:
    """Return the bookings with what each could be offered, in a few searches for all of them.

    Asked after the change has been made: the times it takes away are not offered. Nearest times of
    the same doctor; colleagues who are free at the same time, else on the same day. The first offer
    of one booking is no other's. What has begun cannot be moved.
    """
    open_rows = [row for row in bookings if row.status in UPCOMING]
    own = _Slots(_search_own(open_rows, now=now))
    others = _Slots(_search_others(open_rows, now=now))
    names = _list_names({*own.employee_ids, *others.employee_ids})
    claimed: set[Cell] = set()
    return [
        Stranded(
            booking=row,
            moves=_pick(own.of(row, is_own=True), row, names, claimed),
            hands=_pick(others.of(row, is_own=False), row, names, claimed),
        )
        for row in bookings
    ]


class _Slots:
    """Free slots by the service and branch that were asked about."""

    def __init__(self, found: Iterable[tuple[int, Slot]]) -> None:
        self.by_service: defaultdict[tuple[int, int], list[Slot]] = defaultdict(list)
        self.employee_ids: set[int] = set()
        for service_id, slot in found:
            self.by_service[service_id, slot.branch_id].append(slot)
            self.employee_ids.add(slot.employee_id)

    def of(self, row: Appointment, *, is_own: bool) -> list[Slot]:
        """The slots that suit, nearest first: of the doctor, or of others on the same day."""
        if row.status not in UPCOMING:
            return []
        zone = row.branch.zone
        day = row.starts_at.astimezone(zone).date()
        suiting = [
            slot
            for slot in self.by_service[row.service_id, row.branch_id]
            if (slot.employee_id == row.employee_id) is is_own
            and (is_own or slot.starts_at.astimezone(zone).date() == day)
        ]
        return sorted(
            suiting, key=lambda slot: (abs(slot.starts_at - row.starts_at), slot.starts_at)
        )


def _search_own(rows: Sequence[Appointment], *, now: datetime) -> Iterable[tuple[int, Slot]]:
    """One search per service, with all the doctors whose bookings of it are left alone."""
    for (service_id, branch_id), alike in _group(rows).items():
        query = SlotQuery(
            service_id=service_id,
            branch_ids=(branch_id,),
            employee_ids=tuple({row.employee_id for row in alike}),
            from_at=now,
            until_at=max(row.starts_at for row in alike) + AHEAD,
            limit=MOST_SLOTS,
        )
        for slot in list_free_slots(query=query, now=now):
            yield service_id, slot


def _search_others(rows: Sequence[Appointment], *, now: datetime) -> Iterable[tuple[int, Slot]]:
    """One search per service over the days of its bookings, with everybody who offers it."""
    for (service_id, branch_id), alike in _group(rows).items():
        query = SlotQuery(
            service_id=service_id,
            branch_ids=(branch_id,),
            from_at=max(now, min(row.starts_at for row in alike) - timedelta(hours=14)),
            until_at=max(row.starts_at for row in alike) + timedelta(hours=14),
            limit=MOST_SLOTS,
        )
        for slot in list_free_slots(query=query, now=now):
            yield service_id, slot


def _group(rows: Sequence[Appointment]) -> dict[tuple[int, int], list[Appointment]]:
    groups: defaultdict[tuple[int, int], list[Appointment]] = defaultdict(list)
    for row in rows:
        groups[row.service_id, row.branch_id].append(row)
    return groups


def _list_names(ids: set[int]) -> dict[int, str]:
    return {row.pk: row.short_name for row in Employee.objects.filter(pk__in=ids)}


def _pick(
    slots: Sequence[Slot], row: Appointment, names: dict[int, str], claimed: set[Cell]
) -> list[Way]:
    """The nearest ways, one for each colleague; the first is taken from those who come after."""
    chosen: list[Slot] = []
    for slot in slots:
        is_again = slot.employee_id != row.employee_id and any(
            slot.employee_id == other.employee_id for other in chosen
        )
        if is_again or claimed & _cells(slot):
            continue
        chosen.append(slot)
        if len(chosen) == MOST_WAYS:
            break
    if chosen:
        claimed |= _cells(chosen[0])
    return [
        Way(
            employee_id=slot.employee_id,
            employee=names[slot.employee_id],
            starts_at=slot.starts_at,
        )
        for slot in chosen
    ]


def _cells(slot: Slot) -> set[Cell]:
    """The quarters of an hour of an employee that the slot would take."""
    count = -(-(slot.ends_at - slot.starts_at) // CELL)
    return {(slot.employee_id, slot.starts_at + number * CELL) for number in range(count)}
