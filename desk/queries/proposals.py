"""A few times to say aloud to the patient on the phone, and what else there is if none fit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from appointments.queries import Proposal, SlotQuery, list_proposals
from clinic.days import today_at
from clinic.models import Branch, Employee
from desk.spoken import speak_time

SOON, LATE = timedelta(days=14), timedelta(days=62)
MOST = 5
MOST_INSTEAD = 3


class Instead(StrEnum):
    """What had to be given up for anything to be free."""

    NOTHING = ""
    TIME = "time"
    DOCTOR = "doctor"
    BRANCH = "branch"


@dataclass(frozen=True, kw_only=True)
class SpokenTime:
    """A proposal with the words to say it in. `branch` is empty at the branch that was asked."""

    employee_id: int
    employee: str
    position: str
    branch_id: int
    branch: str
    starts_at: datetime
    on: date
    clock: time
    said: str
    is_soonest: bool
    fills: bool


@dataclass(frozen=True, kw_only=True)
class SpokenTimes:
    times: Sequence[SpokenTime]
    instead: Instead = Instead.NOTHING


def list_spoken_times(*, query: SlotQuery, branch: Branch, now: datetime) -> SpokenTimes:
    """Return what to propose within two weeks of `query.from_at`, else within two months.

    When nothing is free as it is wished, one wish after another is given up until something is,
    and `instead` names which: the time of day and the weekdays, then the doctor, then the branch.
    """
    for length in (SOON, LATE):
        query = replace(query, until_at=query.from_at + length)
        found = list_proposals(query=query, now=now, limit=MOST)
        if found:
            return SpokenTimes(times=_speak(found, branch, now=now))
    for instead, wider in _give_up(query, branch):
        found = list_proposals(query=wider, now=now, limit=MOST_INSTEAD)
        if found:
            return SpokenTimes(times=_speak(found, branch, now=now), instead=instead)
    return SpokenTimes(times=[])


def _give_up(query: SlotQuery, branch: Branch) -> list[tuple[Instead, SlotQuery]]:
    any_time = replace(query, weekdays=(), clock_from=None, clock_until=None)
    ways = [
        (Instead.TIME, any_time),
        (Instead.DOCTOR, replace(query, employee_id=None)),
        (Instead.BRANCH, replace(query, employee_id=None, branch_id=None, city=branch.city)),
        (Instead.BRANCH, replace(any_time, employee_id=None, branch_id=None, city=branch.city)),
    ]
    return [(instead, wider) for instead, wider in ways if wider != query]


def _speak(found: Sequence[Proposal], branch: Branch, *, now: datetime) -> list[SpokenTime]:
    employees = Employee.objects.in_bulk({one.slot.employee_id for one in found})
    branches = Branch.objects.in_bulk({one.slot.branch_id for one in found})
    return [
        _spoken(
            one,
            employees[one.slot.employee_id],
            branches[one.slot.branch_id],
            is_here=one.slot.branch_id == branch.pk,
            now=now,
        )
        for one in found
    ]


def _spoken(
    one: Proposal, employee: Employee, branch: Branch, *, is_here: bool, now: datetime
) -> SpokenTime:
    local = one.slot.starts_at.astimezone(branch.zone)
    return SpokenTime(
        employee_id=employee.pk,
        employee=employee.short_name,
        position=employee.position,
        branch_id=branch.pk,
        branch="" if is_here else branch.name,
        starts_at=one.slot.starts_at,
        on=local.date(),
        clock=local.time(),
        said=speak_time(local, today=today_at(branch, now=now)),
        is_soonest=one.is_soonest,
        fills=one.fills,
    )
