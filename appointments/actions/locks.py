from collections.abc import Collection
from enum import IntEnum

from django.db import connection


class Resource(IntEnum):
    """What is booked, once or to its capacity at a time; the number is the lock's namespace."""

    EMPLOYEE = 1
    ROOM = 2
    PATIENT = 3
    DEVICE = 4


def lock_resources(
    *,
    employee_ids: Collection[int],
    room_ids: Collection[int],
    patient_id: int | None,
    device_ids: Collection[int] = (),
    patient_ids: Collection[int] = (),
) -> None:
    """Hold these resources to the end of the transaction, so that nobody else books them.

    One statement takes the locks in one order for everybody: the exclusion constraints alone are
    correct, but bookings that take employee and room in different orders deadlock. Whoever makes
    an appointment occupy time calls this first, once, before any row is locked.
    """
    keys = sorted(
        (kind << 48) + number
        for kind, numbers in (
            (Resource.EMPLOYEE, employee_ids),
            (Resource.ROOM, room_ids),
            (Resource.PATIENT, [*patient_ids, *([] if patient_id is None else [patient_id])]),
            (Resource.DEVICE, device_ids),
        )
        for number in set(numbers)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def lock_diary(*, employee_id: int) -> None:
    """Hold one employee, so that nothing is booked with him while his hours change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s)", [(Resource.EMPLOYEE << 48) + employee_id]
        )
