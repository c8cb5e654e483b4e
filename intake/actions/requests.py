"""A first contact: received, taken up, booked, or lost with a reason."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment
from clinic.names import fold
from intake.events import (
    CallerRecognised,
    RequestBooked,
    RequestFact,
    RequestLost,
    RequestReceived,
    RequestReopened,
    RequestTaken,
)
from intake.models import LossReason, Request, RequestKind, RequestStatus
from outbox.actions import record_event
from outbox.errors import Refused
from patients.likeness import are_alike
from patients.models import ContactKind, ContactPoint, Patient
from patients.phones import normalise_phone

OPEN = (RequestStatus.NEW, RequestStatus.IN_WORK)
ANSWERED_AT_ONCE = {RequestKind.CALL, RequestKind.WALK_IN}
"""Whoever writes these down is talking to the person: that is the first answer."""
LINKED_WITHIN = timedelta(days=30)
"""A booking answers a request that is not older than this."""


class RequestEmpty(Refused):
    code = "request_empty"
    status = 400
    message = _("Write a phone or a name: somebody must be called back.")


class RequestKeyReused(Refused):
    code = "key_reused"
    status = 422
    message = _("This key was already used for another request. Send a new one.")


class RequestClosed(Refused):
    code = "request_closed"
    message = _("This request is already closed. Refresh the list.")


class BookedForOther(Refused):
    code = "booked_for_other"
    message = _("This booking already answers another request.")


@dataclass(frozen=True, kw_only=True)
class RequestOrder:
    """What is known of the one who asks. The same `key` is the same request.

    `phone` is as people write it. `patient_id` is given when reception has recognised the caller;
    a number alone recognises nobody, because families share it.
    """

    key: str
    kind: str
    phone: str = ""
    name: str = ""
    patient_id: int | None = None
    branch_id: int | None = None
    source_id: int | None = None
    service_id: int | None = None
    comment: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> str:
        """Return what tells two orders with one key apart."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@transaction.atomic
def receive_request(*, order: RequestOrder, actor_id: int | None, now: datetime) -> Request:
    """Write the request down, or return the one that the same key made before.

    A call and a visit in person are being answered as they are written; a form and a chat wait.
    The patient is recognised when one patient, and no other, has both this phone and a similar
    name. Raises `RequestEmpty`, `RequestKeyReused`, `WrongPhone`.
    """
    phone = normalise_phone(order.phone) if order.phone.strip() else ""
    name = " ".join(order.name.split())
    if not (phone or name or order.patient_id):
        raise RequestEmpty
    is_answered = actor_id is not None and order.kind in ANSWERED_AT_ONCE
    request, is_new = Request.objects.get_or_create(
        key=order.key,
        defaults={
            "kind": order.kind,
            "digest": order.digest(),
            "status": RequestStatus.IN_WORK if is_answered else RequestStatus.NEW,
            "patient_id": order.patient_id or _recognise(phone=phone, name=name),
            "name": name,
            "phone": phone,
            "branch_id": order.branch_id,
            "source_id": order.source_id,
            "service_id": order.service_id,
            "comment": order.comment.strip(),
            "utm": dict(order.utm),
            "created_at": now,
            "answered_at": now if is_answered else None,
            "taken_by_id": actor_id if is_answered else None,
        },
    )
    if not is_new and request.digest != order.digest():
        raise RequestKeyReused
    if is_new:
        _record(RequestReceived, request, actor_id=actor_id, now=now)
    return request


def _recognise(*, phone: str, name: str) -> int | None:
    """Return the only patient with this phone and a similar name, None when in doubt."""
    if not (phone and name):
        return None
    owners = Patient.objects.filter(contacts__kind=ContactKind.PHONE, contacts__value=phone)
    alike = [
        patient_id
        for patient_id, name_key in owners.values_list("id", "name_key")
        if _may_be(fold(name), name_key)
    ]
    return alike[0] if len(alike) == 1 else None


def _may_be(given: str, known: str) -> bool:
    """In a form people write «Анна», «Анна Петрова» or «Петрова Анна»."""
    words = known.split()
    return given in words[1:2] or are_alike(given, known)


@transaction.atomic
def take_request(*, request_id: int, actor_id: int, now: datetime) -> Request:
    """Somebody calls back now: that is the first answer. Taking it twice changes nothing.

    Raises `RequestClosed`.
    """
    request = _lock(request_id)
    if request.status not in OPEN:
        raise RequestClosed
    if request.taken_by_id == actor_id:
        return request
    request.status = RequestStatus.IN_WORK
    request.taken_by_id = actor_id
    request.answered_at = request.answered_at or now
    request.save(update_fields=["status", "taken_by", "answered_at"])
    _record(RequestTaken, request, actor_id=actor_id, now=now)
    return request


@transaction.atomic
def attach_patient(
    *, request_id: int, patient_id: int | None, actor_id: int | None, now: datetime
) -> Request:
    """Note who the caller is, or that it is none of those whom the number suggests.

    Raises `RequestClosed`.
    """
    request = _lock(request_id)
    if request.status not in OPEN:
        raise RequestClosed
    if request.patient_id != patient_id:
        request.patient_id = patient_id
        request.save(update_fields=["patient"])
        if patient_id is not None:
            _record(CallerRecognised, request, actor_id=actor_id, now=now)
    return request


@transaction.atomic
def book_request(
    *, request_id: int, appointment_id: int, actor_id: int | None, now: datetime
) -> Request:
    """The request has led to this booking. A lost one may still: people think it over.

    Raises `RequestClosed` when another booking answered it, `BookedForOther` when the booking
    answers another request.
    """
    request = _lock(request_id)
    if request.status == RequestStatus.BOOKED:
        if request.appointment_id == appointment_id:
            return request
        raise RequestClosed
    if Request.objects.filter(appointment=appointment_id).exists():
        raise BookedForOther
    appointment = Appointment.objects.get(pk=appointment_id)
    request.status, request.loss_reason = RequestStatus.BOOKED, ""
    request.appointment, request.patient_id = appointment, appointment.patient_id
    request.answered_at, request.closed_at = request.answered_at or now, now
    request.save(
        update_fields=[
            *("status", "loss_reason", "appointment", "patient", "answered_at", "closed_at"),
        ]
    )
    booked = RequestBooked(
        patient_id=request.patient_id, request_id=request.pk, appointment_id=appointment_id
    )
    record_event(booked, actor_id=actor_id, now=now)
    return request


@transaction.atomic
def link_booking(*, appointment_id: int, now: datetime) -> Request | None:
    """Find the request that a new booking answers, and close it; None when there is none.

    The newest open one of the patient, else one from the patient's number that nobody has
    recognised yet.
    """
    appointment = Appointment.objects.filter(pk=appointment_id).first()
    if appointment is None or Request.objects.filter(appointment=appointment).exists():
        return None
    phones = ContactPoint.objects.filter(
        patient_id=appointment.patient_id, kind=ContactKind.PHONE
    ).values("value")
    is_theirs = Q(patient_id=appointment.patient_id) | Q(patient=None, phone__in=phones)
    request = (
        Request.objects.select_for_update(no_key=True, of=("self",))
        .filter(is_theirs, status__in=OPEN)
        .filter(created_at__lte=now, created_at__gt=now - LINKED_WITHIN)
        .order_by(F("patient_id").asc(nulls_last=True), "-created_at", "-id")
        .first()
    )
    if request is None:
        return None
    return book_request(
        request_id=request.pk,
        appointment_id=appointment_id,
        actor_id=appointment.created_by_id,
        now=now,
    )


@transaction.atomic
def lose_request(
    *, request_id: int, reason: str, comment: str = "", actor_id: int | None, now: datetime
) -> Request:
    """The person will not come, and this is why. Raises `RequestClosed`."""
    request = _lock(request_id)
    if request.status not in OPEN:
        raise RequestClosed
    request.status, request.loss_reason = RequestStatus.LOST, LossReason(reason).value
    request.closed_at = now
    request.answered_at = request.answered_at or now
    request.comment = "\n".join(filter(None, [request.comment, comment.strip()]))[:1000]
    request.save(update_fields=["status", "loss_reason", "closed_at", "answered_at", "comment"])
    lost = RequestLost(patient_id=request.patient_id, request_id=request.pk, reason=reason)
    record_event(lost, actor_id=actor_id, now=now)
    return request


@transaction.atomic
def reopen_request(*, request_id: int, actor_id: int | None, now: datetime) -> Request:
    """Undo a loss: the request is being worked on again. Raises `RequestClosed`."""
    request = _lock(request_id)
    if request.status in OPEN:
        return request
    if request.status != RequestStatus.LOST:
        raise RequestClosed
    request.status, request.loss_reason, request.closed_at = RequestStatus.IN_WORK, "", None
    request.save(update_fields=["status", "loss_reason", "closed_at"])
    _record(RequestReopened, request, actor_id=actor_id, now=now)
    return request


def _lock(request_id: int) -> Request:
    return Request.objects.select_for_update(no_key=True, of=("self",)).get(pk=request_id)


def _record(
    fact: type[RequestFact],
    request: Request,
    *,
    actor_id: int | None,
    now: datetime,
) -> None:
    event = fact(patient_id=request.patient_id, request_id=request.pk)
    record_event(event, actor_id=actor_id, now=now)
