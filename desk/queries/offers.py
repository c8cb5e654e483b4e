"""Free times to choose from, while the patient is on the phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from appointments.queries import Slot, SlotQuery, list_free_slots
from clinic.days import day_bounds
from clinic.models import Branch, Employee
from outbox.errors import Refused

DAYS_AHEAD = 14
LATER_DAYS = 4
MOST_OF_A_DAY = 40
MOST_OF_OTHERS = 8


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A free time on the branch's clock.

    As an alternative it has the `kind` in which it differs from what was wished, and the name of
    its branch.
    """

    employee_id: int
    employee: str
    branch_id: int
    on: date
    clock: time
    starts_at: datetime
    kind: str = ""
    branch: str = ""


@dataclass(frozen=True, kw_only=True)
class Offers:
    """Of the day that was asked for, of colleagues on that day, and the first of later days."""

    of_day: Sequence[Offer]
    of_others: Sequence[Offer]
    later: Sequence[Offer]


def list_offers(*, query: SlotQuery, branch: Branch, on: date, now: datetime) -> Offers:
    """Return what is free on the day and soon after it.

    `query` says what is looked for, its dates are set here. Without an employee the day is that
    of everybody, and nobody counts as another.
    """
    _starts, ends = day_bounds(branch, on)
    later = replace(query, from_at=ends, until_at=ends + timedelta(days=DAYS_AHEAD))
    following = _first_of_days(list_free_slots(query=later, now=now), branch)
    names = _names(following)
    return replace(
        list_day_offers(query=query, branch=branch, on=on, now=now),
        later=[_offer(slot, names, branch) for slot in following],
    )


def list_day_offers(*, query: SlotQuery, branch: Branch, on: date, now: datetime) -> Offers:
    """Return what is free on the day only, as `list_offers` does."""
    starts, ends = day_bounds(branch, on)
    day = replace(query, from_at=starts, until_at=ends, limit=MOST_OF_A_DAY * 5)
    everybody = list_free_slots(query=replace(day, employee_id=None), now=now)
    chosen = query.employee_id
    own = [slot for slot in everybody if chosen in (None, slot.employee_id)][:MOST_OF_A_DAY]
    others = [slot for slot in everybody if slot not in own] if chosen else []
    names = _names([*own, *others])
    return Offers(
        of_day=[_offer(slot, names, branch) for slot in own],
        of_others=[_offer(slot, names, branch) for slot in others[:MOST_OF_OTHERS]],
        later=[],
    )


def read_alternatives(refusal: Refused) -> list[Offer]:
    """Return the nearest free times that a refusal brought, if it brought any."""
    found = refusal.details.get("alternatives")
    plain = found if isinstance(found, list) else []
    branches = Branch.objects.in_bulk({one["branch_id"] for one in plain})
    return [_read_alternative(one, branches[one["branch_id"]]) for one in plain]


def _read_alternative(plain: dict[str, object], branch: Branch) -> Offer:
    starts_at = datetime.fromisoformat(str(plain["starts_at"]))
    local = starts_at.astimezone(branch.zone)
    return Offer(
        employee_id=int(str(plain["employee_id"])),
        employee=str(plain["employee"]),
        branch_id=branch.pk,
        on=local.date(),
        clock=local.time(),
        starts_at=starts_at,
        kind=str(plain["kind"]),
        branch=branch.name,
    )


def _first_of_days(slots: Iterable[Slot], branch: Branch) -> list[Slot]:
    first: dict[date, Slot] = {}
    for slot in slots:
        first.setdefault(slot.starts_at.astimezone(branch.zone).date(), slot)
    return list(first.values())[:LATER_DAYS]


def _names(slots: Iterable[Slot]) -> dict[int, str]:
    found = Employee.objects.filter(pk__in={slot.employee_id for slot in slots})
    return {employee.pk: employee.short_name for employee in found}


def _offer(slot: Slot, names: dict[int, str], branch: Branch) -> Offer:
    local = slot.starts_at.astimezone(branch.zone)
    return Offer(
        employee_id=slot.employee_id,
        employee=names[slot.employee_id],
        branch_id=slot.branch_id,
        on=local.date(),
        clock=local.time(),
        starts_at=slot.starts_at,
    )
