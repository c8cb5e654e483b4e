"""Sessions of a line: booked from it, one or a chain, or recognised when booked elsewhere."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions import BookingOrder, NotFree, book_appointment, lock_resources
from appointments.models import UPCOMING, Appointment
from appointments.queries import list_device_ids, list_room_ids
from outbox.actions import record_event
from outbox.errors import Refused
from prescriptions.actions.lines import LineClosed, follow_line, lock_line
from prescriptions.events import SessionBooked
from prescriptions.models import PrescriptionLine, Session
from prescriptions.queries import CLOSED, get_progress, list_lines_missing


class AllBooked(Refused):
    code = "all_booked"
    message = _("All sessions of this line are already booked.")


class WrongSession(Refused):
    code = "wrong_session"
    status = 422
    message = _("This is another patient or another service than prescribed.")


@transaction.atomic
def book_session(
    *, line_id: int, order: BookingOrder, actor_id: int | None, now: datetime
) -> Appointment:
    """Book one session of the line; the same `order.key` is the same session.

    Raises `LineClosed`, `AllBooked`, `WrongSession` and what `book_appointment` raises.
    """
    [appointment] = book_sessions(line_id=line_id, orders=[order], actor_id=actor_id, now=now)
    return appointment


@transaction.atomic
def book_sessions(
    *, line_id: int, orders: Sequence[BookingOrder], actor_id: int | None, now: datetime
) -> list[Appointment]:
    """Book a chain of sessions, all or none.

    Raises as `book_session`; a `NotFree` says in `starts_at` of its details which time it is about.
    Every employee, every room and the patient are locked first, in one order for everybody, so
    that two chains never wait for each other.
    """
    places = {(order.service_id, order.branch_id) for order in orders}
    lock_resources(
        employee_ids={order.employee_id for order in orders},
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
        patient_id=PrescriptionLine.objects.values_list("prescription__patient", flat=True).get(
            pk=line_id
        ),
    )
    line = lock_line(line_id)
    booked = [_book(line, order, actor_id=actor_id, now=now) for order in orders]
    _name_specialist(line, booked)
    follow_line(line, actor_id=actor_id, now=now)
    return booked


@transaction.atomic
def adopt_appointment(*, appointment_id: int, now: datetime) -> Session | None:
    """Recognise what was booked past the course: if one open line lacks it, it is its session.

    With two lines it could belong to, a person decides and it is left alone.
    """
    appointment = Appointment.objects.get(pk=appointment_id)
    if appointment.status not in UPCOMING or _is_session(appointment):
        return None
    candidates = list_lines_missing(
        patient_id=appointment.patient_id, service_id=appointment.service_id
    )
    if len(candidates) != 1:
        return None
    line = lock_line(candidates[0])
    if line.status in CLOSED or not get_progress(line).missing or _is_session(appointment):
        return None
    session = _link(line, appointment, actor_id=None, now=now)
    _name_specialist(line, [appointment])
    follow_line(line, actor_id=None, now=now)
    return session


def _book(
    line: PrescriptionLine, order: BookingOrder, *, actor_id: int | None, now: datetime
) -> Appointment:
    if (order.patient_id, order.service_id) != (line.prescription.patient_id, line.service_id):
        raise WrongSession
    earlier = Session.objects.filter(line=line, appointment__key=order.key)
    if not earlier.exists():
        if line.status in CLOSED:
            raise LineClosed
        if not get_progress(line).missing:
            raise AllBooked
    try:
        appointment = book_appointment(order=order, actor_id=actor_id, now=now)
    except NotFree as refusal:
        refusal.details["starts_at"] = order.starts_at.isoformat()
        raise
    if not _is_session(appointment):
        _link(line, appointment, actor_id=actor_id, now=now)
    return appointment


def _name_specialist(line: PrescriptionLine, booked: Sequence[Appointment]) -> None:
    """A line that nobody took belongs to the one who carries its sessions out."""
    employees = {appointment.employee_id for appointment in booked}
    if line.specialist_id is None and len(employees) == 1:
        [line.specialist_id] = employees
        line.save(update_fields=["specialist"])


def _link(
    line: PrescriptionLine, appointment: Appointment, *, actor_id: int | None, now: datetime
) -> Session:
    event = SessionBooked(
        patient_id=appointment.patient_id, line_id=line.pk, appointment_id=appointment.pk
    )
    record_event(event, actor_id=actor_id, now=now)
    return Session.objects.create(line=line, appointment=appointment)


def _is_session(appointment: Appointment) -> bool:
    return Session.objects.filter(appointment=appointment).exists()
