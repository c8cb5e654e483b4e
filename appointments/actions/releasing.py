"""Letting go of held times: by booking, by choosing another one, or because they expired."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

RELEASE = """
DELETE FROM appointments_hold
WHERE id IN (
    SELECT id
    FROM appointments_hold
    WHERE expires_at <= %(now)s OR owner = ANY (%(owners)s)
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
"""


def name_owner(user_id: int | None) -> str:
    """Return the name under which somebody of the staff holds a time at the desk."""
    return f"user:{user_id}"


def release_holds(owners: Collection[str], *, now: datetime) -> None:
    """Let go of what these owners hold, and of all that has expired.

    Rows that somebody else is letting go of are left to him.
    """
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"now": now, "owners": list(owners)})
