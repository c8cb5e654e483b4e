"""Booking a time: the one function behind every door, and every way it can say no."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions.locks import lock_resources
from appointments.actions.totals import refresh_totals
from appointments.events import AppointmentBooked
from appointments.models import Appointment
from appointments.queries import (
    Misfit,
    Slot,
    Wish,
    explain_misfit,
    find_fit,
    list_alternatives,
    list_room_ids,
)
from clinic.models import Employee, Service
from outbox.actions import record_event
from outbox.errors import Refused

WALK_IN = timedelta(minutes=30)
"""How long after its start an interval can still be booked, for whoever came without booking."""


class NotFree(Refused):
    """The interval cannot be had. `alternatives` in the details are the nearest that can."""

    code = "not_free"
    misfit: ClassVar[Misfit]


class SlotTaken(NotFree):
    code = "slot_taken"
    message = _("This time has just been taken. Choose another one.")
    misfit = Misfit.EMPLOYEE_BUSY


class PatientBusy(NotFree):
    code = "patient_busy"
    message = _("The patient already has an appointment at this time. Choose another one.")
    misfit = Misfit.PATIENT_BUSY


class NoRoom(NotFree):
    code = "no_room"
    message = _("No room for this service is free at this time. Choose another one.")
    misfit = Misfit.NO_ROOM


class OutsideShift(NotFree):
    code = "outside_shift"
    message = _("The doctor does not see patients here at this time. Choose another one.")
    misfit = Misfit.OUTSIDE_SHIFT


class EmployeeAway(NotFree):
    code = "employee_away"
    message = _("The doctor is away or has a break at this time. Choose another one.")
    misfit = Misfit.EMPLOYEE_AWAY


class BranchClosed(NotFree):
    code = "branch_closed"
    message = _("The clinic is closed at this time. Choose another one.")
    misfit = Misfit.BRANCH_CLOSED


class ServiceNotOffered(NotFree):
    code = "service_not_offered"
    message = _("This doctor does not offer this service. Choose another doctor or service.")
    misfit = Misfit.NOT_OFFERED


class SlotInPast(Refused):
    code = "slot_in_past"
    message = _("This time has already passed. Choose a later one.")


class KeyReused(Refused):
    code = "key_reused"
    message = _("This request was already used for another booking. Start a new one.")


REFUSALS = {refusal.misfit: refusal for refusal in NotFree.__subclasses__()}


@dataclass(frozen=True, kw_only=True)
class BookingOrder:
    """Who wants what, from whom, where and when.

    The same `key` (at most 100 characters) is the same booking however often it is sent. Without
    `room_id` a free room is chosen.
    """

    patient_id: int
    service_id: int
    employee_id: int
    branch_id: int
    starts_at: datetime
    key: str
    source_id: int | None = None
    note: str = ""
    room_id: int | None = None

    def digest(self) -> str:
        """Return what tells two orders with one key apart."""
        body = asdict(self) | {"starts_at": self.starts_at.astimezone(UTC).isoformat()}
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def book_appointment(*, order: BookingOrder, actor_id: int | None, now: datetime) -> Appointment:
    """Book the interval, or return the booking that the same key made before.

    The length and the price are the service's. Raises `SlotInPast`, `KeyReused`, or a `NotFree`
    with the nearest free times, looked up only after the locks are let go.
    """
    service = Service.objects.get(pk=order.service_id)
    wish = Wish(
        patient_id=order.patient_id,
        service_id=order.service_id,
        employee_id=order.employee_id,
        branch_id=order.branch_id,
        starts_at=order.starts_at,
        ends_at=order.starts_at + service.duration,
        room_id=order.room_id,
    )
    try:
        return _book(order, wish, service, actor_id=actor_id, now=now)
    except NotFree as refusal:
        refusal.details["alternatives"] = describe_alternatives(wish=wish, now=now)
        raise


@transaction.atomic
def _book(
    order: BookingOrder, wish: Wish, service: Service, *, actor_id: int | None, now: datetime
) -> Appointment:
    lock_wish(wish)
    earlier = Appointment.objects.filter(key=order.key).first()
    if earlier is not None:
        return _same_or_refuse(earlier, order)
    room_id = check_wish(wish, now=now)
    row = Appointment(
        patient_id=order.patient_id,
        employee_id=order.employee_id,
        branch_id=order.branch_id,
        room_id=room_id,
        service=service,
        source_id=order.source_id,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        price=service.price,
        note=order.note,
        key=order.key,
        digest=order.digest(),
        created_at=now,
        created_by_id=actor_id,
    )
    Appointment.objects.bulk_create([row], ignore_conflicts=True)
    booked = Appointment.objects.filter(key=order.key).first()
    if booked is None:
        raise SlotTaken
    _same_or_refuse(booked, order)
    refresh_totals(patient_id=booked.patient_id)
    fact = AppointmentBooked(patient_id=booked.patient_id, appointment_id=booked.pk)
    record_event(fact, actor_id=actor_id, now=now)
    return booked


def _same_or_refuse(earlier: Appointment, order: BookingOrder) -> Appointment:
    if earlier.digest != order.digest():
        raise KeyReused(appointment_id=earlier.pk)
    return earlier


def lock_wish(wish: Wish, *employee_ids: int) -> None:
    """Lock whatever the wish may occupy: employee, patient, and each room it could be given."""
    lock_resources(
        employee_ids=[wish.employee_id, *employee_ids],
        room_ids=list_room_ids(service_id=wish.service_id, branch_id=wish.branch_id),
        patient_id=wish.patient_id,
    )


def check_wish(wish: Wish, *, now: datetime) -> int | None:
    """Return the room in which the wish fits, None when it needs none.

    Holds while the caller holds the locks of the wish (`lock_wish`). Raises `SlotInPast` or the
    `NotFree` that says what stands in its way.
    """
    if wish.starts_at < now - WALK_IN:
        raise SlotInPast
    fit = find_fit(wish=wish)
    if fit is None:
        raise REFUSALS[explain_misfit(wish=wish)]
    return fit.room_id


def foresee_refusal(*, wish: Wish, now: datetime) -> Refused | None:
    """Return what booking the wish would be refused with at this moment, None when it is free."""
    try:
        check_wish(wish, now=now)
    except Refused as refusal:
        return refusal
    return None


def describe_alternatives(*, wish: Wish, now: datetime) -> list[dict[str, object]]:
    """Return the nearest free times as plain values, the wished employee's first."""
    slots = list_alternatives(wish=wish, now=now)
    names = {
        employee.pk: employee.short_name
        for employee in Employee.objects.filter(pk__in={slot.employee_id for slot in slots})
    }
    return [_describe(slot, names[slot.employee_id]) for slot in slots]


def _describe(slot: Slot, employee: str) -> dict[str, object]:
    return {
        "employee_id": slot.employee_id,
        "employee": employee,
        "branch_id": slot.branch_id,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
    }
