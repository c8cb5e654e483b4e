"""How far a line has come: counted from its sessions, never stored."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q

from appointments.models import LIVE, UPCOMING, AppointmentStatus
from prescriptions.models import LineStatus, PrescriptionLine

CLOSED = (LineStatus.FINISHED, LineStatus.DROPPED)

IN_SCHEDULE = (*UPCOMING, AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS)
"""Statuses of a session that has a time and has not taken place yet."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Sessions `booked` (ahead or going on), `attended`, and `missing`: neither."""

    sessions: int
    booked: int
    attended: int
    last_at: datetime | None
    next_at: datetime | None

    @property
    def missing(self) -> int:
        return max(0, self.sessions - self.booked - self.attended)


def get_progress(line: PrescriptionLine) -> Progress:
    """Count the sessions; `last_at` is the latest of those that count, `next_at` the nearest."""
    ahead = Q(appointment__status__in=IN_SCHEDULE)
    counted = line.booked.aggregate(
        ahead=Count("id", filter=ahead),
        attended=Count("id", filter=Q(appointment__status=AppointmentStatus.DONE)),
        last_at=Max("appointment__starts_at", filter=Q(appointment__status__in=LIVE)),
        next_at=Min("appointment__starts_at", filter=ahead),
    )
    return Progress(
        sessions=line.sessions,
        booked=counted["ahead"],
        attended=counted["attended"],
        last_at=counted["last_at"],
        next_at=counted["next_at"],
    )


def list_lines_missing(*, patient_id: int, service_id: int) -> list[int]:
    """Return the ids of the patient's open lines of the service that lack a session."""
    lines = (
        PrescriptionLine.objects.filter(prescription__patient=patient_id, service=service_id)
        .exclude(status__in=CLOSED)
        .order_by("id")
    )
    return [line.pk for line in lines if get_progress(line).missing]
