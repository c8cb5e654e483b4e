"""Rotations: hours that repeat, filled in as dated shifts for a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.actions.hours import ShiftInPast, WorksElsewhere
from clinic.actions.shift_sql import ADD_PLANNED, BY_HAND, PLANNED, REMOVE_UNPLANNED
from clinic.days import day_bounds, today_at
from clinic.events import ShiftsFilled
from clinic.models import (
    MOST_DAYS,
    Branch,
    Employee,
    Rotation,
    RotationDay,
    RotationException,
    Shift,
)
from outbox.actions import record_event
from outbox.errors import Refused

LONGEST_FILL = timedelta(days=400)


class RotationOverlaps(Refused):
    """`details["rotation_id"]` is the one that already holds."""

    code = "rotation_overlaps"
    message = _("The employee already has a rotation on these days. End that one first.")


class WrongCycle(Refused):
    code = "wrong_cycle"
    message = _("A cycle has 1 to 56 days, and its days have hours that follow each other.")


class FillTooLong(Refused):
    code = "fill_too_long"
    message = _("Fill in at most 400 days at a time.")


@dataclass(frozen=True, kw_only=True)
class DayHours:
    """The hours of day `number` (from 0) of a cycle; the break is optional."""

    number: int
    starts: time
    ends: time
    break_starts: time | None = None
    break_ends: time | None = None

    def is_sound(self) -> bool:
        marks = [self.starts, self.break_starts, self.break_ends, self.ends]
        clock = [mark for mark in marks if mark is not None]
        return len(clock) != 3 and all(a < b for a, b in pairwise(clock))


@dataclass(frozen=True, kw_only=True)
class RotationOrder:
    """Day 0 of the cycle is `anchor_on`; it holds from `starts_on` to `ends_on`, both included.

    A day of the cycle that `days` do not name is free.
    """

    employee_id: int
    branch_id: int
    cycle_days: int
    anchor_on: date
    starts_on: date
    days: Sequence[DayHours]
    ends_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class FillOrder:
    """Which days of a branch to fill, both included; of these employees or, with none, of all."""

    branch_id: int
    first: date
    last: date
    employee_ids: Sequence[int] = ()


@dataclass(frozen=True, kw_only=True)
class KeptDay:
    """A day that the rotation would plan otherwise.

    `reason` is `by_hand` (somebody planned it), `exception` (it was excepted) or `busy` (the
    employee has a shift elsewhere or in the way).
    """

    employee_id: int
    on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class Filled:
    added: int
    removed: int
    kept: Sequence[KeptDay]


@transaction.atomic
def save_rotation(*, order: RotationOrder, rotation_id: int | None = None) -> Rotation:
    """Write the rotation down, or another one in its place; no shift changes before `fill_shifts`.

    Raises `WrongCycle`, `WorksElsewhere`, `RotationOverlaps`.
    """
    (employee,) = lock_employees([order.employee_id])
    _check(order, employee, rotation_id)
    rotation = Rotation() if rotation_id is None else Rotation.objects.get(pk=rotation_id)
    rotation.employee, rotation.branch_id = employee, order.branch_id
    rotation.cycle_days, rotation.anchor_on = order.cycle_days, order.anchor_on
    rotation.starts_on, rotation.ends_on = order.starts_on, order.ends_on
    rotation.save()
    rotation.days.all().delete()
    RotationDay.objects.bulk_create(
        RotationDay(
            rotation=rotation,
            number=day.number,
            starts=day.starts,
            ends=day.ends,
            break_starts=day.break_starts,
            break_ends=day.break_ends,
        )
        for day in order.days
    )
    return rotation


@transaction.atomic
def remove_rotation(*, rotation_id: int, actor_id: int | None, now: datetime) -> int:
    """Take the rotation away with its shifts that have not begun; return how many those were."""
    rotation = Rotation.objects.select_related("branch").get(pk=rotation_id)
    lock_employees([rotation.employee_id])
    ahead = rotation.shifts.filter(starts_at__gt=now)
    bounds = list(ahead.order_by("starts_at").values_list("starts_at", flat=True))
    removed, _rows = ahead.delete()
    if bounds:
        fact = ShiftsFilled(
            patient_id=None,
            employee_id=rotation.employee_id,
            branch_id=rotation.branch_id,
            starts_at=bounds[0].isoformat(),
            ends_at=bounds[-1].isoformat(),
            added=0,
            removed=removed,
        )
        record_event(fact, actor_id=actor_id, now=now)
    rotation.delete()
    return removed


@transaction.atomic
def fill_shifts(*, order: FillOrder, actor_id: int | None, now: datetime) -> Filled:
    """Make the shifts of the period what the rotations say; doing it again changes nothing.

    Shifts that a rotation filled in before follow it, those that have begun stay. Days planned by
    hand, excepted days and hours in the way stay as they are and are told. On a day that the clinic
    closed nothing is filled in, on a short one the hours within it. Raises `FillTooLong`.
    """
    branch = Branch.objects.get(pk=order.branch_id)
    first = max(order.first, today_at(branch, now=now))
    if order.last - first > LONGEST_FILL:
        raise FillTooLong
    ids = sorted(order.employee_ids or list_rotating(branch=branch, first=first, last=order.last))
    lock_employees(ids)
    told = _Told(branch=branch, first=first, last=order.last, employee_ids=ids, now=now)
    by_hand = {(row[0], row[1]): row[2] for row in told.ask(BY_HAND)}
    removed = told.ask(REMOVE_UNPLANNED)
    planned = told.ask(ADD_PLANNED)
    added = [row for row in planned if row[2]]
    kept = {(employee_id, on): "busy" for employee_id, on, is_new in planned if not is_new}
    kept |= by_hand
    for employee_id in ids:
        counts = [sum(row[0] == employee_id for row in rows) for rows in (added, removed)]
        if any(counts):
            record_event(told.fact(employee_id, *counts), actor_id=actor_id, now=now)
    return Filled(
        added=len(added),
        removed=len(removed),
        kept=[
            KeptDay(employee_id=employee_id, on=on, reason=reason)
            for (employee_id, on), reason in sorted(kept.items())
        ],
    )


def list_rotating(*, branch: Branch, first: date, last: date) -> set[int]:
    """Return who has a rotation at the branch, or shifts filled in from one on these days."""
    filled = Shift.objects.filter(
        branch=branch,
        rotation__isnull=False,
        starts_at__gte=day_bounds(branch, first)[0],
        starts_at__lt=day_bounds(branch, last)[1],
    )
    rotating = Rotation.objects.filter(branch=branch).values_list("employee_id", flat=True)
    return {*rotating, *filled.values_list("employee_id", flat=True)}


@dataclass(frozen=True, kw_only=True)
class ExceptionOrder:
    """A day that is planned by hand; without hours the employee is free on it."""

    employee_id: int
    branch_id: int
    on: date
    note: str = ""


@transaction.atomic
def except_day(*, order: ExceptionOrder, actor_id: int | None, now: datetime) -> int:
    """Take the day out of the rotation with the shifts that it filled in; return how many went.

    Whoever works on it all the same gets a shift by hand. Raises `ShiftInPast`.
    """
    lock_employees([order.employee_id])
    branch = Branch.objects.get(pk=order.branch_id)
    starts, ends = day_bounds(branch, order.on)
    if ends <= now:
        raise ShiftInPast
    RotationException.objects.update_or_create(
        employee_id=order.employee_id,
        branch=branch,
        on=order.on,
        defaults={"note": order.note},
    )
    filled = Shift.objects.filter(
        employee_id=order.employee_id,
        branch=branch,
        rotation__isnull=False,
        starts_at__gte=max(starts, now),
        starts_at__lt=ends,
    )
    removed, _rows = filled.delete()
    if removed:
        fact = ShiftsFilled(
            patient_id=None,
            employee_id=order.employee_id,
            branch_id=branch.pk,
            starts_at=starts.isoformat(),
            ends_at=ends.isoformat(),
            added=0,
            removed=removed,
        )
        record_event(fact, actor_id=actor_id, now=now)
    return removed


@transaction.atomic
def drop_exception(*, exception_id: int, actor_id: int | None, now: datetime) -> Filled:
    """Give the day back to the rotation, which fills it in at once."""
    found = RotationException.objects.get(pk=exception_id)
    found.delete()
    order = FillOrder(
        branch_id=found.branch_id,
        employee_ids=[found.employee_id],
        first=found.on,
        last=found.on,
    )
    return fill_shifts(order=order, actor_id=actor_id, now=now)


def lock_employees(ids: Sequence[int]) -> list[Employee]:
    """Changes of these employees' hours take turns, to the end of the transaction."""
    found = Employee.objects.select_for_update(no_key=True).filter(pk__in=ids)
    return list(found.order_by("pk"))


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What the statements of a filling are told."""

    branch: Branch
    first: date
    last: date
    employee_ids: Sequence[int]
    now: datetime

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        starts, ends = day_bounds(self.branch, self.first)[0], day_bounds(self.branch, self.last)[1]
        parameters: dict[str, Any] = {
            "branch_id": self.branch.pk,
            "first": self.first,
            "last": self.last,
            "starts": starts,
            "ends": ends,
            "employee_ids": list(self.employee_ids),
            "now": self.now,
        }
        with connection.cursor() as cursor:
            cursor.execute(PLANNED + statement, parameters)
            return list(cursor.fetchall())

    def fact(self, employee_id: int, added: int, removed: int) -> ShiftsFilled:
        return ShiftsFilled(
            patient_id=None,
            employee_id=employee_id,
            branch_id=self.branch.pk,
            starts_at=day_bounds(self.branch, self.first)[0].isoformat(),
            ends_at=day_bounds(self.branch, self.last)[1].isoformat(),
            added=added,
            removed=removed,
        )


def _check(order: RotationOrder, employee: Employee, rotation_id: int | None) -> None:
    numbers = [day.number for day in order.days]
    is_sound = (
        1 <= order.cycle_days <= MOST_DAYS
        and len(set(numbers)) == len(numbers)
        and all(0 <= number < order.cycle_days for number in numbers)
        and all(day.is_sound() for day in order.days)
        and (order.ends_on is None or order.starts_on <= order.ends_on)
    )
    if not is_sound:
        raise WrongCycle
    if not employee.is_active or not employee.branches.filter(pk=order.branch_id).exists():
        raise WorksElsewhere
    others = Rotation.objects.filter(employee=employee, branch=order.branch_id)
    others = others.exclude(pk=rotation_id or 0)
    others = others.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=order.starts_on))
    if order.ends_on is not None:
        others = others.filter(starts_on__lte=order.ends_on)
    clash = others.first()
    if clash is not None:
        raise RotationOverlaps(rotation_id=clash.pk)
