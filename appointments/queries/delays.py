"""How late a doctor runs today, and whom it will reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appointments.models import SUBJECT_KIND, UPCOMING, Appointment, AppointmentStatus
from appointments.queries.notices import read_delay
from clinic.days import day_bounds, today_at
from clinic.models import Branch
from messaging.models import Message, MessageStatus

LATE = "running_late"

WORTH_TELLING = timedelta(minutes=10)
"""A shorter delay, or a change of it, is nothing to write about."""

STEP = timedelta(minutes=5)
HERE = (AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS)


@dataclass(frozen=True, kw_only=True)
class Delayed:
    """A visit of today that begins late. `told` is the delay its patient was last written of."""

    appointment: Appointment
    delay: timedelta
    told: timedelta | None

    @property
    def is_news(self) -> bool:
        """Whether the patient does not know of such a delay yet."""
        return self.told is None or abs(self.delay - self.told) >= WORTH_TELLING

    @property
    def expected_at(self) -> datetime:
        return self.appointment.starts_at + self.delay


def measure_delay(*, employee_id: int, branch: Branch, now: datetime) -> timedelta:
    """Return by how much the next visit of today will begin late, in steps of five minutes.

    Whoever is in stays as long as his visit takes; after him come those who sit in the hall.
    """
    rows = _list_today(employee_id, branch, now=now)
    free_at = now
    for row in rows:
        if row.status == AppointmentStatus.IN_PROGRESS:
            began_at = row.visit.started_at or row.starts_at
            free_at = max(free_at, began_at + (row.ends_at - row.starts_at))
    for row in rows:
        if row.status == AppointmentStatus.ARRIVED:
            free_at = max(free_at, row.starts_at) + (row.ends_at - row.starts_at)
    coming = next((row for row in rows if row.status in UPCOMING and row.starts_at > now), None)
    late = max(free_at - coming.starts_at, timedelta(0)) if coming else timedelta(0)
    return -(-late // STEP) * STEP


def list_delayed(
    *, employee_id: int, branch: Branch, delay: timedelta, now: datetime
) -> list[Delayed]:
    """Return the visits still to come today that `delay` of the next one makes late, by time.

    Each takes as long as it was booked for, and a gap between two makes up for lost time; those
    that begin less than `WORTH_TELLING` late are left out.
    """
    coming = [
        row
        for row in _list_today(employee_id, branch, now=now)
        if row.status in UPCOMING and row.starts_at > now
    ]
    told = _list_told([row.pk for row in coming])
    found, free_at = [], (coming[0].starts_at + delay if coming else now)
    for row in coming:
        begins_at = max(row.starts_at, free_at)
        late = begins_at - row.starts_at
        if late >= WORTH_TELLING:
            found.append(Delayed(appointment=row, delay=late, told=told.get(row.pk)))
        free_at = begins_at + (row.ends_at - row.starts_at)
    return found


def _list_today(employee_id: int, branch: Branch, *, now: datetime) -> Sequence[Appointment]:
    starts_at, ends_at = day_bounds(branch, today_at(branch, now=now))
    found = Appointment.objects.filter(
        employee_id=employee_id,
        branch=branch,
        starts_at__gte=starts_at,
        starts_at__lt=ends_at,
        status__in=(*UPCOMING, *HERE),
    )
    return list(found.select_related("patient", "branch", "visit").order_by("starts_at"))


def _list_told(appointment_ids: Sequence[int]) -> Mapping[int, timedelta]:
    """Return what each patient was last written of, however the message fared so far."""
    written = (
        Message.objects.filter(kind=LATE, subject_kind=SUBJECT_KIND, subject_id__in=appointment_ids)
        .exclude(status=MessageStatus.SUPPRESSED)
        .order_by("id")
    )
    return {row.subject_id or 0: read_delay(row.subject_mark) for row in written}
