"""Bookings that nobody is there for: no doctor, no opening hours, a room or a device closed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import DateField, Exists, F, Func, OuterRef, Q, QuerySet
from django.db.models.fields import DateTimeField, TimeField
from django.db.models.functions import Cast

from appointments.models import Appointment, AppointmentStatus
from appointments.queries import list_gaps
from clinic.models import Branch, BranchDay, Closure, Shift, TimeOff

OPEN = (
    AppointmentStatus.BOOKED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.IN_PROGRESS,
)

ABSENCES = TimeOff.objects.filter(
    employee=OuterRef("employee"),
    starts_at__lt=OuterRef("ends_at"),
    ends_at__gt=OuterRef("starts_at"),
)
COVERING = Shift.objects.filter(
    employee=OuterRef("employee"),
    branch=OuterRef("branch"),
    starts_at__lte=OuterRef("starts_at"),
    ends_at__gte=OuterRef("ends_at"),
)
CLOSURES = Closure.objects.filter(
    Q(room=OuterRef("room")) | Q(device=OuterRef("device")),
    starts_at__lt=OuterRef("room_occupied__endswith"),
    ends_at__gt=OuterRef("room_occupied__startswith"),
)


class LocalClock(Func):
    """`moment AT TIME ZONE zone`: what the branch's clock shows."""

    template = "(%(expressions)s)"
    arg_joiner = " AT TIME ZONE "
    output_field = DateTimeField()


STARTS = LocalClock(OuterRef("starts_at"), OuterRef("branch__time_zone"))
ENDS = LocalClock(OuterRef("ends_at"), OuterRef("branch__time_zone"))
SHUT = BranchDay.objects.annotate(
    starts=Cast(STARTS, TimeField()), ends=Cast(ENDS, TimeField())
).filter(
    Q(kind=BranchDay.Kind.CLOSED)
    | Q(kind=BranchDay.Kind.SHORT, opens_at__gt=F("starts"))
    | Q(kind=BranchDay.Kind.SHORT, closes_at__lt=F("ends")),
    branch=OuterRef("branch"),
    on=Cast(STARTS, DateField()),
)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose bookings are meant: of these employees, or in this room, at this device, branch."""

    employee_ids: Collection[int] = ()
    room_id: int | None = None
    device_id: int | None = None
    branch_id: int | None = None

    def narrow(self, found: QuerySet[Appointment]) -> QuerySet[Appointment]:
        if self.employee_ids:
            found = found.filter(employee__in=self.employee_ids)
        if self.room_id is not None:
            found = found.filter(room=self.room_id)
        if self.device_id is not None:
            found = found.filter(device=self.device_id)
        if self.branch_id is not None:
            found = found.filter(branch=self.branch_id)
        return found


EVERYTHING = Scope()


def list_outside(*, now: datetime, scope: Scope = EVERYTHING) -> list[Appointment]:
    """Return the open bookings from now on that do not lie within the hours, by time.

    With patient, employee, branch and service. Shifts in a row count as one.
    """
    found = scope.narrow(Appointment.objects.filter(status__in=OPEN, ends_at__gt=now))
    shut = found.filter(Exists(ABSENCES) | Exists(CLOSURES) | Exists(SHUT))
    nobody = set(shut.values_list("pk", flat=True))
    rows = list_bookings(ids=nobody.union(_list_uncovered(found)))
    shifts = _list_shifts(rows)
    return [
        row for row in rows if row.pk in nobody or not _is_covered(row, shifts[row.employee_id])
    ]


def list_diaries(*, branch: Branch, now: datetime) -> list[int]:
    """Return whose diaries hold bookings of the branch from now on, or could get some."""
    booked = Appointment.objects.filter(branch=branch, status__in=OPEN, ends_at__gt=now)
    shifts = Shift.objects.filter(branch=branch, ends_at__gt=now)
    return sorted(
        {*booked.values_list("employee", flat=True), *shifts.values_list("employee", flat=True)}
    )


def list_bookings(*, ids: Collection[int]) -> list[Appointment]:
    """Return these bookings by time, with patient, employee, branch and service."""
    found = Appointment.objects.filter(pk__in=ids)
    return list(
        found.select_related("patient", "employee", "branch", "service").order_by("starts_at", "pk")
    )


def _list_uncovered(found: QuerySet[Appointment]) -> QuerySet[Appointment, int]:
    """Leave out, in the database, those that one shift covers: nearly all of them."""
    return found.filter(~Exists(COVERING)).values_list("pk", flat=True)


def _list_shifts(rows: list[Appointment]) -> defaultdict[int, list[Shift]]:
    by_employee: defaultdict[int, list[Shift]] = defaultdict(list)
    if rows:
        found = Shift.objects.filter(
            employee__in={row.employee_id for row in rows},
            starts_at__lt=max(row.ends_at for row in rows),
            ends_at__gt=min(row.starts_at for row in rows),
        )
        for shift in found.order_by("starts_at"):
            by_employee[shift.employee_id].append(shift)
    return by_employee


def _is_covered(row: Appointment, shifts: list[Shift]) -> bool:
    periods = [
        (shift.starts_at, shift.ends_at)
        for shift in shifts
        if shift.branch_id == row.branch_id
        and shift.starts_at < row.ends_at
        and shift.ends_at > row.starts_at
    ]
    return not list_gaps(within=(row.starts_at, row.ends_at), periods=periods)
