from datetime import datetime, timedelta

from appointments.models import News

KEPT_FOR = timedelta(days=2)
MOST = 20


def list_news(*, employee_id: int, now: datetime) -> list[News]:
    """Return what the employee has not closed of the last two days, the newest first."""
    found = News.objects.filter(
        employee_id=employee_id, seen_at=None, created_at__gt=now - KEPT_FOR
    )
    related = found.select_related(
        "appointment__patient", "appointment__service", "appointment__branch"
    )
    return list(related.order_by("-pk")[:MOST])
