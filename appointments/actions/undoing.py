"""What was done with a whole visit is taken back as a whole."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from appointments.actions.locks import lock_resources
from appointments.actions.moving import restore_appointment, undo_move
from appointments.models import Appointment
from appointments.queries import list_device_ids, list_room_ids


@transaction.atomic
def restore_bundle(
    *, appointment_ids: Sequence[int], actor_id: int | None, now: datetime
) -> list[Appointment]:
    """Book these services of a visit again, all or none. Raises as `restore_appointment`."""
    rows = _lock(appointment_ids)
    return [restore_appointment(appointment_id=row.pk, actor_id=actor_id, now=now) for row in rows]


@transaction.atomic
def undo_bundle_move(
    *, moved: Sequence[tuple[int, int]], actor_id: int | None, now: datetime
) -> list[Appointment]:
    """Move the services of a visit back, all or none.

    `moved` are the appointments with the versions that the move made, in the order in which it
    moved them: they go back in the opposite one, each to a place that the next has just left.
    Raises as `undo_move`.
    """
    _lock([appointment_id for appointment_id, _version in moved])
    return [
        undo_move(appointment_id=appointment_id, version=version, actor_id=actor_id, now=now)
        for appointment_id, version in reversed(moved)
    ]


def _lock(appointment_ids: Sequence[int]) -> list[Appointment]:
    """Lock all that the visit may take, at once, in the order that everybody keeps."""
    rows = list(Appointment.objects.filter(pk__in=appointment_ids).order_by("starts_at", "pk"))
    places = {(row.service_id, row.branch_id) for row in rows}
    lock_resources(
        patient_id=None,
        patient_ids={row.patient_id for row in rows},
        employee_ids={row.employee_id for row in rows},
        room_ids={
            room_id
            for service_id, branch_id in places
            for room_id in list_room_ids(service_id=service_id, branch_id=branch_id)
        },
        device_ids={
            device_id
            for service_id, branch_id in places
            for device_id in list_device_ids(service_id=service_id, branch_id=branch_id)
        },
    )
    return rows
