"""The booking desk without what keeps it right: for the controls, which must find the fault."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.db import connection

from appointments.actions import booking, bundles, moving, status
from appointments.models import Appointment
from appointments.queries import Fit, find_fit
from waitlist.actions import accepting

LOOKS_FOR = 0.3  # seconds between looking and writing, in which others look too

DROP_RULES = """
DO $$
DECLARE rule record;
BEGIN
    FOR rule IN
        SELECT conrelid::regclass AS place, conname
        FROM pg_constraint
        WHERE contype = 'x' AND conrelid::regclass::text LIKE 'appointments_%'
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.place, rule.conname);
    END LOOP;
    ALTER TABLE appointments_appointment DISABLE TRIGGER USER;
    ALTER TABLE appointments_hold DISABLE TRIGGER USER;
END $$
"""


def drop_rules() -> None:
    """Take every rule against overlaps out of the database; nothing puts them back."""
    with connection.cursor() as cursor:
        cursor.execute(DROP_RULES)


def look_slowly(**wish: Any) -> Fit | None:
    found = find_fit(**wish)
    time.sleep(LOOKS_FOR)
    return found


@contextmanager
def no_locks() -> Iterator[None]:
    """Nobody waits for anybody before looking whether a time is free."""
    with ExitStack() as stack:
        for module in (booking, bundles, accepting):
            stack.enter_context(mock.patch.object(module, "lock_resources"))
        for module in (booking, moving):
            stack.enter_context(mock.patch.object(module, "find_fit", look_slowly))
        yield


@contextmanager
def no_row_locks() -> Iterator[None]:
    """Whoever changes an appointment has read it, but does not keep others from changing it."""

    def read(appointment_id: int) -> Appointment:
        seen = Appointment.objects.get(pk=appointment_id)
        time.sleep(LOOKS_FOR)
        return seen

    with ExitStack() as stack:
        for module in (booking, bundles, moving, status, accepting):
            if hasattr(module, "lock_appointment"):
                stack.enter_context(mock.patch.object(module, "lock_appointment", read))
        yield
