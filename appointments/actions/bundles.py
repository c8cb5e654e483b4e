"""Several services in one visit: booked, moved and cancelled as one, or each by itself."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions.booking import BookingOrder, book_appointment
from appointments.actions.locks import lock_resources
from appointments.actions.moving import StaleVersion, move_appointment
from appointments.actions.refusals import NotFree
from appointments.actions.status import (
    NotUpcoming,
    cancel_appointment,
    confirm_appointment,
    lock_appointment,
    save_change,
)
from appointments.models import UPCOMING, Appointment
from appointments.queries import list_bundle, list_device_ids, list_room_ids
from outbox.errors import Refused

NAMESPACE = uuid.UUID("5f2c1c58-6a0e-4c7e-9d58-0f2f6d3b7a11")

Place = tuple[int, int]
"""A service and a branch."""


class NotOneVisit(Refused):
    code = "not_one_visit"
    status = 422
    message = _("The services of one visit are for one patient at one branch.")


@transaction.atomic
def book_bundle(
    *, orders: Sequence[BookingOrder], actor_id: int | None, now: datetime
) -> list[Appointment]:
    """Book all the services of a visit, or none.

    Every order has a key of its own; sent again with the same keys it is the same visit. Raises
    `NotOneVisit` and what `book_appointment` raises; a `NotFree` names the time in `starts_at`.
    """
    if len({(order.patient_id, order.branch_id) for order in orders}) != 1:
        raise NotOneVisit
    _lock(
        patient_id=orders[0].patient_id,
        employee_ids={order.employee_id for order in orders},
        places={(order.service_id, order.branch_id) for order in orders},
    )
    bundle = uuid.uuid5(NAMESPACE, orders[0].key)
    return [_book(replace(order, bundle=bundle), actor_id=actor_id, now=now) for order in orders]


@transaction.atomic
def add_to_visit(
    *, order: BookingOrder, beside_id: int, actor_id: int | None, now: datetime
) -> Appointment:
    """Book one more service into the visit of an appointment that is still ahead.

    Raises `NotUpcoming`, `NotOneVisit` and what `book_appointment` raises.
    """
    seen = Appointment.objects.get(pk=beside_id)
    _lock(
        patient_id=order.patient_id,
        employee_ids={order.employee_id},
        places={(order.service_id, order.branch_id)},
    )
    beside = lock_appointment(seen.pk)
    if beside.status not in UPCOMING:
        raise NotUpcoming
    if (beside.patient_id, beside.branch_id) != (order.patient_id, order.branch_id):
        raise NotOneVisit
    bundle = beside.bundle or uuid.uuid5(NAMESPACE, beside.key)
    booked = book_appointment(order=replace(order, bundle=bundle), actor_id=actor_id, now=now)
    if beside.bundle is None:
        beside.bundle = bundle
        save_change(beside)
    return booked


@transaction.atomic
def move_bundle(
    *,
    appointment_id: int,
    starts_at: datetime,
    version: int,
    actor_id: int | None,
    now: datetime,
    by_patient: bool = False,
) -> list[Appointment]:
    """Move what is still ahead of a visit by as much as this appointment goes, or move nothing.

    `version` is that of this appointment as it was seen. Raises as `move_appointment`.
    """
    rows = _list_ahead(appointment_id)
    chosen = next((row for row in rows if row.pk == appointment_id), None)
    if chosen is None:
        raise NotUpcoming
    if chosen.version != version:
        raise StaleVersion
    _lock(
        patient_id=chosen.patient_id,
        employee_ids={row.employee_id for row in rows},
        places={(row.service_id, row.branch_id) for row in rows},
    )
    shift = starts_at - chosen.starts_at
    # Each goes to where the one before it has just left.
    for row in reversed(rows) if shift.total_seconds() > 0 else rows:
        move_appointment(
            appointment_id=row.pk,
            starts_at=row.starts_at + shift,
            version=row.version,
            by_patient=by_patient,
            actor_id=actor_id,
            now=now,
        )
    return list_bundle(appointment_id=appointment_id)


@transaction.atomic
def confirm_bundle(
    *, appointment_id: int, by_patient: bool, actor_id: int | None, now: datetime
) -> list[Appointment]:
    """Note that the patient comes to all that is still ahead of a visit.

    Raises as `confirm_appointment`.
    """
    return [
        confirm_appointment(
            appointment_id=row.pk, by_patient=by_patient, actor_id=actor_id, now=now
        )
        for row in _list_ahead(appointment_id)
    ]


@transaction.atomic
def cancel_bundle(
    *, appointment_id: int, reason: str, by_patient: bool, actor_id: int | None, now: datetime
) -> list[Appointment]:
    """Give back what is still ahead of a visit. Raises as `cancel_appointment`."""
    return [
        cancel_appointment(
            appointment_id=row.pk,
            reason=reason,
            by_patient=by_patient,
            actor_id=actor_id,
            now=now,
        )
        for row in _list_ahead(appointment_id)
    ]


def _book(order: BookingOrder, *, actor_id: int | None, now: datetime) -> Appointment:
    try:
        return book_appointment(order=order, actor_id=actor_id, now=now)
    except NotFree as refusal:
        refusal.details["starts_at"] = order.starts_at.isoformat()
        raise


def _list_ahead(appointment_id: int) -> list[Appointment]:
    rows = list_bundle(appointment_id=appointment_id)
    return [row for row in rows if row.status in UPCOMING]


def _lock(*, patient_id: int, employee_ids: set[int], places: set[Place]) -> None:
    """Lock all that the visit may take, at once, in the order that everybody keeps."""
    lock_resources(
        patient_id=patient_id,
        employee_ids=employee_ids,
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
