"""When employees take patients: shifts, and the absences that cut them.

Whoever changes the hours of someone with bookings goes through `desk.actions.change_schedule`,
which asks about those left outside; here, below the appointments, nobody knows of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.events import (
    ShiftAdded,
    ShiftChanged,
    ShiftFact,
    ShiftRemoved,
    TimeOffAdded,
    TimeOffChanged,
    TimeOffFact,
    TimeOffRemoved,
)
from clinic.formats import format_clock, format_day
from clinic.models import Branch, Employee, RotationException, Shift, TimeOff
from clinic.queries import find_open_hours
from outbox.actions import record_events
from outbox.errors import Refused

Interval = tuple[datetime, datetime]


class EndsBeforeStart(Refused):
    code = "ends_before_start"
    message = gettext_lazy("The end must be later than the beginning.")


class OutsideBranchHours(Refused):
    code = "outside_branch_hours"
    message = gettext_lazy("The branch is closed at these hours.")


class ShiftInPast(Refused):
    code = "shift_in_past"
    message = gettext_lazy("This time has passed: what was worked cannot be changed any more.")


class ShiftOverlaps(Refused):
    """`details["shift_id"]` is the shift that is already there."""

    code = "shift_overlaps"
    message = gettext_lazy("The employee already has a shift at this time.")


class WorksElsewhere(Refused):
    code = "works_elsewhere"
    message = gettext_lazy("The employee does not work at this branch. Choose somebody who does.")


class TimeOffInPast(Refused):
    code = "time_off_in_past"
    message = gettext_lazy("This absence is over and cannot be changed any more.")


class TimeOffOverlaps(Refused):
    """`details["time_off_id"]` is the absence that is already there."""

    code = "time_off_overlaps"
    message = gettext_lazy("The employee is already away at this time.")


@dataclass(frozen=True, kw_only=True)
class ShiftOrder:
    """Shifts of one employee at one branch; `periods` are half-open."""

    employee_id: int
    branch_id: int
    periods: Sequence[Interval]


@dataclass(frozen=True, kw_only=True)
class TimeOffOrder:
    """Absences of one employee, of one `TimeOffKind`; `periods` are half-open."""

    employee_id: int
    kind: str
    periods: Sequence[Interval]
    note: str = ""


@transaction.atomic
def add_shifts(*, order: ShiftOrder, actor_id: int | None, now: datetime) -> list[Shift]:
    """Add all the shifts or none.

    Raises `EndsBeforeStart`, `ShiftInPast`, `OutsideBranchHours`, `WorksElsewhere`,
    `ShiftOverlaps`.
    """
    employee = lock_employee(order.employee_id)
    branch = Branch.objects.get(pk=order.branch_id)
    if not employee.is_active or not employee.branches.filter(pk=branch.pk).exists():
        raise WorksElsewhere
    made = []
    for starts_at, ends_at in order.periods:
        shift = Shift(employee=employee, branch=branch, starts_at=starts_at, ends_at=ends_at)
        _check_shift(shift, now=now)
        shift.save()
        made.append(shift)
    record_events([_tell_shift(ShiftAdded, shift) for shift in made], actor_id=actor_id, now=now)
    return made


@transaction.atomic
def change_shift(
    *, shift_id: int, starts_at: datetime, ends_at: datetime, actor_id: int | None, now: datetime
) -> Shift:
    """Give the shift other hours. A shift that is over stays as it was.

    One that was filled in from a rotation is planned by hand from now on, and so is the day that it
    leaves. Raises `EndsBeforeStart`, `ShiftInPast`, `OutsideBranchHours`, `ShiftOverlaps`.
    """
    shift = _take_shift(shift_id, now=now)
    _plan_by_hand(shift)
    shift.starts_at, shift.ends_at, shift.rotation = starts_at, ends_at, None
    _check_shift(shift, now=now)
    shift.save(update_fields=["starts_at", "ends_at", "rotation"])
    record_events([_tell_shift(ShiftChanged, shift)], actor_id=actor_id, now=now)
    return shift


@transaction.atomic
def remove_shift(*, shift_id: int, actor_id: int | None, now: datetime) -> None:
    """Take the shift away; no filling brings it back. Raises `ShiftInPast` for one that is over."""
    shift = _take_shift(shift_id, now=now)
    _plan_by_hand(shift)
    record_events([_tell_shift(ShiftRemoved, shift)], actor_id=actor_id, now=now)
    shift.delete()


@transaction.atomic
def add_times_off(*, order: TimeOffOrder, actor_id: int | None, now: datetime) -> list[TimeOff]:
    """Add all the absences or none. One may have begun already: who fell ill calls later.

    Raises `EndsBeforeStart`, `TimeOffInPast`, `TimeOffOverlaps`.
    """
    employee = lock_employee(order.employee_id)
    made = []
    for starts_at, ends_at in order.periods:
        absence = TimeOff(
            employee=employee,
            kind=order.kind,
            note=order.note,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        _check_time_off(absence, now=now)
        absence.save()
        made.append(absence)
    record_events(
        [_tell_time_off(TimeOffAdded, absence) for absence in made], actor_id=actor_id, now=now
    )
    return made


@transaction.atomic
def change_time_off(
    *, time_off_id: int, order: TimeOffOrder, actor_id: int | None, now: datetime
) -> TimeOff:
    """Give the absence another period (the first of the order), kind and note.

    Raises `EndsBeforeStart`, `TimeOffInPast`, `TimeOffOverlaps`.
    """
    absence = _take_time_off(time_off_id, now=now)
    absence.starts_at, absence.ends_at = order.periods[0]
    absence.kind, absence.note = order.kind, order.note
    _check_time_off(absence, now=now)
    absence.save(update_fields=["starts_at", "ends_at", "kind", "note"])
    record_events([_tell_time_off(TimeOffChanged, absence)], actor_id=actor_id, now=now)
    return absence


@transaction.atomic
def remove_time_off(*, time_off_id: int, actor_id: int | None, now: datetime) -> None:
    """Take the absence away. Raises `TimeOffInPast` for one that is over."""
    absence = _take_time_off(time_off_id, now=now)
    record_events([_tell_time_off(TimeOffRemoved, absence)], actor_id=actor_id, now=now)
    absence.delete()


def lock_employee(employee_id: int) -> Employee:
    """Changes of one employee's hours take turns, to the end of the transaction."""
    return Employee.objects.select_for_update(no_key=True).get(pk=employee_id)


def _take_shift(shift_id: int, *, now: datetime) -> Shift:
    lock_employee(Shift.objects.values_list("employee_id", flat=True).get(pk=shift_id))
    shift = Shift.objects.select_related("branch").get(pk=shift_id)
    if shift.ends_at <= now:
        raise ShiftInPast
    return shift


def _plan_by_hand(shift: Shift) -> None:
    """Keep the rotation that filled the shift in from filling its day again."""
    if shift.rotation_id is not None:
        RotationException.objects.get_or_create(
            employee_id=shift.employee_id,
            branch_id=shift.branch_id,
            on=shift.starts_at.astimezone(shift.branch.zone).date(),
        )


def _take_time_off(time_off_id: int, *, now: datetime) -> TimeOff:
    lock_employee(TimeOff.objects.values_list("employee_id", flat=True).get(pk=time_off_id))
    absence = TimeOff.objects.get(pk=time_off_id)
    if absence.ends_at <= now:
        raise TimeOffInPast
    return absence


def _check_shift(shift: Shift, *, now: datetime) -> None:
    if shift.ends_at <= shift.starts_at:
        raise EndsBeforeStart
    if shift.ends_at <= now:
        raise ShiftInPast
    _check_hours(shift)
    clash = (
        Shift.objects.filter(
            employee_id=shift.employee_id,
            starts_at__lt=shift.ends_at,
            ends_at__gt=shift.starts_at,
        )
        .exclude(pk=shift.pk)
        .select_related("branch")
        .first()
    )
    if clash is not None:
        raise ShiftOverlaps(_describe_clash(clash), shift_id=clash.pk)


def _check_hours(shift: Shift) -> None:
    """A shift lies within one day of the branch and its opening hours."""
    branch = shift.branch
    starts = shift.starts_at.astimezone(branch.zone)
    ends = shift.ends_at.astimezone(branch.zone)
    hours = find_open_hours(branch=branch, on=starts.date())
    if hours is None:
        raise OutsideBranchHours(_("The branch is closed on this day. Choose another one."))
    opens, closes = hours
    if starts.date() != ends.date() or starts.time() < opens or ends.time() > closes:
        raise OutsideBranchHours(
            _("The branch is open from %(opens)s to %(closes)s. Choose hours within.")
            % {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}
        )


def _describe_clash(shift: Shift) -> str:
    zone = shift.branch.zone
    return _("There is already a shift on %(day)s, %(starts)s–%(ends)s, %(branch)s.") % {
        "day": format_day(shift.starts_at.astimezone(zone).date()),
        "starts": format_clock(shift.starts_at, zone),
        "ends": format_clock(shift.ends_at, zone),
        "branch": shift.branch.name,
    }


def _check_time_off(absence: TimeOff, *, now: datetime) -> None:
    if absence.ends_at <= absence.starts_at:
        raise EndsBeforeStart
    if absence.ends_at <= now:
        raise TimeOffInPast
    clash = (
        TimeOff.objects.filter(
            employee_id=absence.employee_id,
            starts_at__lt=absence.ends_at,
            ends_at__gt=absence.starts_at,
        )
        .exclude(pk=absence.pk)
        .first()
    )
    if clash is not None:
        message = _("The employee is already away at this time: %(kind)s. Change that absence.")
        raise TimeOffOverlaps(message % {"kind": clash.get_kind_display()}, time_off_id=clash.pk)


def _tell_shift(fact: type[ShiftFact], shift: Shift) -> ShiftFact:
    return fact(
        patient_id=None,
        shift_id=shift.pk,
        employee_id=shift.employee_id,
        branch_id=shift.branch_id,
        starts_at=shift.starts_at.isoformat(),
        ends_at=shift.ends_at.isoformat(),
    )


def _tell_time_off(fact: type[TimeOffFact], absence: TimeOff) -> TimeOffFact:
    return fact(
        patient_id=None,
        time_off_id=absence.pk,
        employee_id=absence.employee_id,
        kind=absence.kind,
        starts_at=absence.starts_at.isoformat(),
        ends_at=absence.ends_at.isoformat(),
    )
