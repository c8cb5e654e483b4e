"""What the clinic has planned after the days of the diary: rotations, holidays, a vacation.

Nobody is booked there yet, so nothing of it stands in anybody's way.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from clinic.actions import (
    ClosureOrder,
    DayDecision,
    DayHours,
    FillOrder,
    RotationOrder,
    TimeOffOrder,
    add_closure,
    add_times_off,
    decide_day,
    fill_shifts,
    save_rotation,
)
from clinic.days import day_bounds, today_at
from clinic.models import BranchDayKind, TimeOffKind
from clinic.public_holidays import list_public_holidays
from demo.catalogue import BREAK_AFTER_HOURS, BREAK_MINUTES
from demo.diary import DAYS_AHEAD, Worker
from demo.staff import House

FILLED_DAYS = 28
VACATION = (21, 34)
"""From which day on until which day, counted from today, the first of a branch is away."""
REPAIR = (16, 17)
CHRISTMAS = (1, 7)
SHORT_HOURS = time(9), time(15)


def plan_ahead(houses: Iterable[House], *, now: datetime) -> None:
    """Plan each branch from the end of its diary on."""
    for house in houses:
        today = today_at(house.branch, now=now)
        first = today + timedelta(days=DAYS_AHEAD + 1)
        _decide_holidays(house, first, now=now)
        for number, worker in enumerate(house.workers):
            save_rotation(order=_rotation(house, worker, first, is_shifting=number == 1))
        last = first + timedelta(days=FILLED_DAYS - 1)
        order = FillOrder(branch_id=house.branch.pk, first=first, last=last)
        fill_shifts(order=order, actor_id=None, now=now)
        _send_away(house, today, now=now)
        _repair(house, today, now=now)


def _rotation(house: House, worker: Worker, first: date, *, is_shifting: bool) -> RotationOrder:
    """The worker's own week goes on; the second of a branch works two days on and two off."""
    post, cycle_days = worker.post, 4 if is_shifting else 7
    off = (2, 3) if is_shifting else [(day - DAYS_AHEAD - 1) % 7 for day in post.days_off]
    pause = datetime.combine(first, post.opens) + timedelta(hours=BREAK_AFTER_HOURS)
    return RotationOrder(
        employee_id=worker.id,
        branch_id=house.branch.pk,
        cycle_days=cycle_days,
        anchor_on=first,
        starts_on=first,
        days=[
            DayHours(
                number=number,
                starts=post.opens,
                break_starts=pause.time(),
                break_ends=(pause + timedelta(minutes=BREAK_MINUTES)).time(),
                ends=post.closes,
            )
            for number in range(cycle_days)
            if number not in off
        ],
    )


def _decide_holidays(house: House, first: date, *, now: datetime) -> None:
    """Closed on the first week of January, short on the last day of December; the rest waits."""
    names = list_public_holidays(first.year) | list_public_holidays(first.year + 1)
    for on, name in sorted(names.items()):
        is_eve = (on.month, on.day) == (12, 31)
        is_christmas = on.month == 1 and CHRISTMAS[0] <= on.day <= CHRISTMAS[1]
        if on < first or not (is_eve or is_christmas):
            continue
        decision = DayDecision(
            branch_id=house.branch.pk,
            on=on,
            kind=BranchDayKind.SHORT if is_eve else BranchDayKind.CLOSED,
            opens_at=SHORT_HOURS[0] if is_eve else None,
            closes_at=SHORT_HOURS[1] if is_eve else None,
            name=name,
        )
        decide_day(decision=decision, actor_id=None, now=now)


def _send_away(house: House, today: date, *, now: datetime) -> None:
    starts, ends = (today + timedelta(days=number) for number in VACATION)
    order = TimeOffOrder(
        employee_id=house.workers[0].id,
        kind=TimeOffKind.VACATION,
        periods=[(day_bounds(house.branch, starts)[0], day_bounds(house.branch, ends)[1])],
    )
    add_times_off(order=order, actor_id=None, now=now)


def _repair(house: House, today: date, *, now: datetime) -> None:
    starts, ends = (today + timedelta(days=number) for number in REPAIR)
    order = ClosureOrder(
        room_id=house.workers[-1].room_id,
        starts_at=day_bounds(house.branch, starts)[0],
        ends_at=day_bounds(house.branch, ends)[1],
        note="Ремонт",
    )
    add_closure(order=order, actor_id=None, now=now)
