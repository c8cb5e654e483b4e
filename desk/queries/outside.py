"""Bookings that nobody is there for: outside the shifts of their doctor, or in an absence."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from appointments.models import Appointment, AppointmentStatus
from appointments.queries import list_gaps
from clinic.models import Shift, TimeOff

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


def list_outside(
    *, now: datetime, employee_id: int | None = None, branch_id: int | None = None
) -> list[Appointment]:
    """Return the open bookings from now on that do not lie within the hours, by time.

    With patient, employee, branch and service. Shifts in a row count as one.
    """
    found = Appointment.objects.filter(status__in=OPEN, ends_at__gt=now)
    if employee_id is not None:
        found = found.filter(employee_id=employee_id)
    if branch_id is not None:
        found = found.filter(branch_id=branch_id)
    away = set(found.filter(Exists(ABSENCES)).values_list("pk", flat=True))
    rows = list_bookings(ids=away.union(_list_uncovered(found)))
    shifts = _list_shifts(rows)
    return [row for row in rows if row.pk in away or not _is_covered(row, shifts[row.employee_id])]


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
