from collections.abc import Sequence
from datetime import datetime, timedelta

from appointments.models import Appointment, AppointmentStatus, CalendarFeed
from clinic.models import Employee
from clinic.tokens import hash_token

BACK, AHEAD = timedelta(days=7), timedelta(days=90)
OFF = (AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW)


def find_feed_owner(*, token: str) -> Employee | None:
    """Return whose calendar the secret address reads; None when it is nobody's, or he has left."""
    feed = (
        CalendarFeed.objects.select_related("employee")
        .filter(token_hash=hash_token(token), employee__is_active=True)
        .first()
    )
    return feed.employee if feed else None


def list_feed(*, employee: Employee, now: datetime) -> Sequence[Appointment]:
    """Return the employee's visits of the last week and the next ninety days, by time."""
    found = Appointment.objects.filter(
        employee=employee, starts_at__gte=now - BACK, starts_at__lt=now + AHEAD
    )
    return list(found.exclude(status__in=OFF).select_related("branch").order_by("starts_at"))
