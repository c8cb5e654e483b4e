"""What can be had when a wish cannot, each kind under its name, and what to propose unasked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from appointments.queries.slots import (
    DaySlot,
    Slot,
    SlotQuery,
    Wish,
    list_nearest_slots,
    list_slots_of_days,
)
from clinic.models import Branch, Employee

AROUND = timedelta(days=3)
"""How far from the wish colleagues and other branches are asked, and how far before it he is."""

AHEAD = timedelta(days=14)
MOST_OF_DOCTOR = 600
MOST_NEARBY = 200
SPREAD = 3
"""How many times of one doctor's day are thought of, should no other day be free."""


class AlternativeKind(StrEnum):
    """In which way it differs from what was wished; everything else stays as it was."""

    SAME_DAY = "same_day"
    OTHER_DAY = "other_day"
    OTHER_DOCTOR = "other_doctor"
    OTHER_BRANCH = "other_branch"


@dataclass(frozen=True, kw_only=True)
class Alternative:
    kind: AlternativeKind
    slot: Slot


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A time to say aloud: whether it is the soonest of all, and whether it wastes nothing."""

    slot: Slot
    is_soonest: bool
    fills: bool


def list_alternatives(*, wish: Wish, now: datetime, limit: int = 3) -> list[Alternative]:
    """Return what can be had instead, at most `limit` of each kind, each kind in order of time.

    Another time: the same employee's nearest on the day of the wish. Another day: of each of the
    nearest days, from three before to two weeks after, his time that is nearest on the clock.
    Another doctor: at the same branch within three days, the nearest time of each, those of the
    same specialty first (the specialty is the position). Another branch of the city: within three
    days, the nearest time at each, with whoever has it.
    """
    zone = Branch.objects.get(pk=wish.branch_id).zone
    wished_on = wish.starts_at.astimezone(zone).date()
    near = replace(_around(wish), until_at=wish.starts_at + AHEAD, limit=MOST_OF_DOCTOR)
    days: dict[date, list[Slot]] = {}
    for slot in list_nearest_slots(query=near, wish_at=wish.starts_at, now=now):
        days.setdefault(slot.starts_at.astimezone(zone).date(), []).append(slot)
    same_day = days.pop(wished_on, [])
    nearest_days = sorted(days, key=lambda on: (abs(on - wished_on), on))[:limit]
    other_days = [_nearest_by_clock(days[on], wish, zone) for on in nearest_days]
    return [
        *_name(AlternativeKind.SAME_DAY, same_day[:limit]),
        *_name(AlternativeKind.OTHER_DAY, other_days),
        *_name(AlternativeKind.OTHER_DOCTOR, _list_colleagues(wish, now=now)[:limit]),
        *_name(AlternativeKind.OTHER_BRANCH, _list_elsewhere(wish, now=now)[:limit]),
    ]


def list_proposals(*, query: SlotQuery, now: datetime, limit: int = 5) -> list[Proposal]:
    """Return a few times worth saying aloud, as unlike each other as can be, in order of time.

    The soonest of all is always among them. Every further one is of a doctor's day not named yet,
    of the doctor named least so far, of the day named least, the one that fills its day best
    (`SlotOrder.BEST_FILL`), the soonest: in this order. `query.order` and `query.limit` are not
    asked.
    """
    rows = list_slots_of_days(query=query, of_day=SPREAD, now=now)
    if not rows:
        return []
    chosen = [rows[0]]
    rest = [row for row in rows[1:] if row.by_fill <= SPREAD]
    while rest and len(chosen) < limit:
        named = Counter[object](mark for row in chosen for mark in _marks(row))
        following = min(rest, key=lambda row: _familiarity(row, named))
        chosen.append(following)
        rest.remove(following)
    return [
        Proposal(slot=row.slot, is_soonest=row is rows[0], fills=not row.waste)
        for row in sorted(chosen, key=lambda row: (row.slot.starts_at, row.slot.employee_id))
    ]


def _marks(row: DaySlot) -> tuple[object, ...]:
    """By what a time is told from others, the most telling first."""
    return (row.slot.employee_id, row.on), row.slot.employee_id, row.on


def _familiarity(row: DaySlot, named: Counter[object]) -> tuple[object, ...]:
    """How little a time adds to those that have been named: the least comes next."""
    counts = tuple(named[mark] for mark in _marks(row))
    return counts, row.by_fill, row.slot.starts_at, row.slot.employee_id


def _nearest_by_clock(slots: Iterable[Slot], wish: Wish, zone: ZoneInfo) -> Slot:
    wished = _minute_of_day(wish.starts_at, zone)
    return min(
        slots,
        key=lambda slot: (abs(_minute_of_day(slot.starts_at, zone) - wished), slot.starts_at),
    )


def _minute_of_day(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def _around(wish: Wish) -> SlotQuery:
    return SlotQuery(
        service_id=wish.service_id,
        branch_id=wish.branch_id,
        employee_id=wish.employee_id,
        patient_id=wish.patient_id,
        except_id=wish.except_id,
        by_patient=wish.by_patient,
        owners=wish.owners,
        from_at=wish.starts_at - AROUND,
        until_at=wish.starts_at + AROUND,
        limit=MOST_NEARBY,
    )


def _list_colleagues(wish: Wish, *, now: datetime) -> list[Slot]:
    """The nearest time of each colleague, those of the same specialty first."""
    query = replace(_around(wish), employee_id=None)
    found = list_nearest_slots(query=query, wish_at=wish.starts_at, now=now)
    nearest: dict[int, Slot] = {}
    for slot in found:
        if slot.employee_id != wish.employee_id:
            nearest.setdefault(slot.employee_id, slot)
    asked = Employee.objects.filter(pk__in=[wish.employee_id, *nearest])
    positions = dict(asked.values_list("pk", "position"))
    wished = positions.get(wish.employee_id)
    return sorted(nearest.values(), key=lambda slot: positions[slot.employee_id] != wished)


def _list_elsewhere(wish: Wish, *, now: datetime) -> list[Slot]:
    """The nearest time at each other branch of the city."""
    city = Branch.objects.filter(pk=wish.branch_id).values("city")
    others = Branch.objects.filter(city__in=city, is_active=True).exclude(pk=wish.branch_id)
    branch_ids = tuple(others.values_list("pk", flat=True))
    if not branch_ids:
        return []
    query = replace(_around(wish), employee_id=None, branch_id=None, branch_ids=branch_ids)
    nearest: dict[int, Slot] = {}
    for slot in list_nearest_slots(query=query, wish_at=wish.starts_at, now=now):
        nearest.setdefault(slot.branch_id, slot)
    return list(nearest.values())


def _name(kind: AlternativeKind, slots: Iterable[Slot]) -> list[Alternative]:
    in_order = sorted(slots, key=lambda slot: slot.starts_at)
    return [Alternative(kind=kind, slot=slot) for slot in in_order]
