"""An employee's calendar reads his visits at a secret address that he may take back."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from appointments.models import CalendarFeed
from clinic.tokens import hash_token, make_token


@transaction.atomic
def issue_feed(*, employee_id: int, now: datetime) -> str:
    """Return a new address, shown only this once; the one before stops working."""
    token = make_token()
    CalendarFeed.objects.update_or_create(
        employee_id=employee_id, defaults={"token_hash": hash_token(token), "issued_at": now}
    )
    return f"{settings.PUBLIC_URL}/calendar/{token}/visits.ics"


@transaction.atomic
def revoke_feed(*, employee_id: int) -> None:
    """Let no calendar read any more. Doing it twice is harmless."""
    CalendarFeed.objects.filter(employee_id=employee_id).delete()
