from datetime import datetime

from django.contrib.sessions.models import Session


def forget_ended_sessions(*, now: datetime) -> int:
    """Delete the sessions nobody can use any more; returns how many."""
    deleted, _ = Session.objects.filter(expire_date__lt=now).delete()
    return deleted
