"""Booking a time: the one function behind every door, and every way it can say no."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from appointments.actions.locks import lock_resources
from appointments.actions.refusals import (
    REFUSALS,
    KeyReused,
    NotFree,
    RuleBroken,
    SlotInPast,
    SlotTaken,
    told_as_taken,
)
from appointments.actions.releasing import name_owner, release_holds
from appointments.actions.rules import check_prepayment, check_rules
from appointments.actions.totals import refresh_totals
from appointments.events import AppointmentBooked
from appointments.models import Appointment
from appointments.queries import (
    Alternative,
    Fit,
    Wish,
    explain_misfit,
    find_fit,
    list_alternatives,
    list_device_ids,
    list_room_ids,
    quote_price,
)
from clinic.models import Branch, Employee, Service
from clinic.queries import Terms, get_terms
from outbox.actions import record_event
from outbox.errors import Refused

WALK_IN = timedelta(minutes=30)
"""How long after its start an interval can still be booked, for whoever came without booking."""


@dataclass(frozen=True, kw_only=True)
class BookingOrder:
    """Who wants what, from whom, where and when.

    The same `key` (at most 100 characters) is the same booking however often it is sent. Without
    `room_id` a free room is chosen. `by_patient`: the patient books it himself, so the rules of the
    service hold. `waived`: reception has seen the rule that stands in the way, and books.
    `bundle` makes it one of the services of a visit.
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
    by_patient: bool = False
    waived: bool = False
    bundle: UUID | None = None

    def digest(self) -> str:
        """Return what tells two orders with one key apart."""
        body = asdict(self) | {"starts_at": self.starts_at.astimezone(UTC).isoformat()}
        del body["by_patient"], body["waived"], body["bundle"]
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def book_appointment(*, order: BookingOrder, actor_id: int | None, now: datetime) -> Appointment:
    """Book the interval, or return the booking that the same key made before.

    The length and the price are the employee's or the service's (`get_terms`), the price of a
    repeat visit where it is one. Raises `SlotInPast`, `KeyReused`, or a `NotFree` with the nearest
    free times, looked up only after the locks are let go; a `RuleBroken` of reception needs none.
    """
    terms = get_terms(service_id=order.service_id, employee_id=order.employee_id)
    wish = Wish(
        patient_id=order.patient_id,
        service_id=order.service_id,
        employee_id=order.employee_id,
        branch_id=order.branch_id,
        starts_at=order.starts_at,
        ends_at=order.starts_at + terms.duration,
        room_id=order.room_id,
        by_patient=order.by_patient,
        waived=order.waived,
        owners=(order.key, name_owner(actor_id)),
    )
    try:
        with told_as_taken():
            return _book(order, wish, terms, actor_id=actor_id, now=now)
    except NotFree as refusal:
        advise(refusal, wish, now=now)
        raise


@transaction.atomic
def _book(
    order: BookingOrder, wish: Wish, terms: Terms, *, actor_id: int | None, now: datetime
) -> Appointment:
    lock_wish(wish)
    earlier = Appointment.objects.filter(key=order.key).first()
    if earlier is not None:
        return _same_or_refuse(earlier, order)
    check_prepayment(
        patient_id=order.patient_id,
        branch_id=order.branch_id,
        by_patient=order.by_patient,
        now=now,
    )
    fit = check_wish(wish, terms.service, now=now)
    row = _draw_up(order, wish, terms)
    take_place(row, fit)
    release_holds(wish.owners, now=now)
    row.created_at, row.created_by_id = now, actor_id
    Appointment.objects.bulk_create([row], ignore_conflicts=True)
    booked = Appointment.objects.filter(key=order.key).first()
    if booked is None:
        raise SlotTaken
    _same_or_refuse(booked, order)
    refresh_totals(patient_id=booked.patient_id)
    fact = AppointmentBooked(patient_id=booked.patient_id, appointment_id=booked.pk)
    record_event(fact, actor_id=actor_id, now=now)
    return booked


def _draw_up(order: BookingOrder, wish: Wish, terms: Terms) -> Appointment:
    """Return the row of the order, not saved: with its buffers and the price as quoted."""
    quote = quote_price(
        terms=terms,
        employee_id=order.employee_id,
        patient_id=order.patient_id,
        starts_at=order.starts_at,
    )
    return Appointment(
        patient_id=order.patient_id,
        employee_id=order.employee_id,
        branch_id=order.branch_id,
        service=terms.service,
        source_id=order.source_id,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        buffer_before=terms.service.buffer_before,
        buffer_after=terms.service.buffer_after,
        buffer_in_room=terms.service.buffer_in_room,
        price=quote.price,
        note=order.note,
        key=order.key,
        digest=order.digest(),
        bundle=order.bundle,
    )


def _same_or_refuse(earlier: Appointment, order: BookingOrder) -> Appointment:
    if earlier.digest != order.digest():
        raise KeyReused(appointment_id=earlier.pk)
    return earlier


def lock_wish(wish: Wish, *employee_ids: int) -> None:
    """Lock whatever the wish may occupy: employee, patient, each room and device it could get."""
    lock_resources(
        employee_ids=[wish.employee_id, *employee_ids],
        room_ids=list_room_ids(service_id=wish.service_id, branch_id=wish.branch_id),
        device_ids=list_device_ids(service_id=wish.service_id, branch_id=wish.branch_id),
        patient_id=wish.patient_id,
    )


def take_place(appointment: Appointment, fit: Fit) -> None:
    """Put the appointment where it fits."""
    appointment.room_id, appointment.room_unit = fit.room_id, fit.room_unit
    appointment.device_id, appointment.device_unit = fit.device_id, fit.device_unit


def check_wish(wish: Wish, service: Service, *, now: datetime) -> Fit:
    """Return where the wish fits.

    Holds while the caller holds the locks of the wish (`lock_wish`). Raises `SlotInPast` or the
    `NotFree` that says what stands in its way.
    """
    if wish.starts_at < (now if wish.by_patient else now - WALK_IN):
        raise SlotInPast
    check_rules(wish, service, now=now)
    fit = find_fit(wish=wish, now=now)
    if fit is None:
        raise REFUSALS[explain_misfit(wish=wish, now=now)]
    return fit


def foresee_refusal(*, wish: Wish, now: datetime) -> Refused | None:
    """Return what booking the wish would be refused with at this moment, None when it is free."""
    try:
        check_wish(wish, Service.objects.get(pk=wish.service_id), now=now)
    except Refused as refusal:
        return refusal
    return None


def advise(refusal: NotFree, wish: Wish, *, now: datetime) -> None:
    """Add the nearest free times to a refusal; whoever may waive the rule needs no others."""
    if wish.by_patient or not isinstance(refusal, RuleBroken):
        refusal.details["alternatives"] = describe_alternatives(wish=wish, now=now)


def describe_alternatives(*, wish: Wish, now: datetime) -> list[dict[str, object]]:
    """Return the nearest free times as plain values, the wished employee's first.

    `kind` is the value of an `AlternativeKind`: in which way the time differs from the wish.
    """
    found = list_alternatives(wish=wish, now=now)
    employees = Employee.objects.in_bulk({one.slot.employee_id for one in found})
    branches = Branch.objects.in_bulk({one.slot.branch_id for one in found})
    return [
        _describe(one, employees[one.slot.employee_id], branches[one.slot.branch_id])
        for one in found
    ]


def _describe(one: Alternative, employee: Employee, branch: Branch) -> dict[str, object]:
    slot = one.slot
    return {
        "kind": one.kind.value,
        "employee_id": slot.employee_id,
        "employee": employee.short_name,
        "branch_id": slot.branch_id,
        "branch": branch.name,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
    }
