"""A doctor prescribes a course: its lines go to reception and to the specialists at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment
from clinic.models import Branch, Service
from outbox.actions import record_event
from outbox.errors import Refused
from prescriptions.actions.lines import check_specialist, follow_line
from prescriptions.events import CoursePrescribed
from prescriptions.models import START_WITHIN, Prescription, PrescriptionLine

MOST_LINES = 12


class NoLines(Refused):
    code = "no_lines"
    status = 422
    message = _("Name at least one service.")


class WrongCourse(Refused):
    code = "wrong_course"
    status = 422
    message = _("Check sessions (1–60) and days between them (not sooner than ≤ not later than).")


class ServiceNotActive(Refused):
    code = "service_not_active"
    status = 422
    message = _("This service is no longer offered. Choose another one.")


class WrongAppointment(Refused):
    code = "wrong_appointment"
    status = 422
    message = _("The visit belongs to another patient.")


class CourseKeyReused(Refused):
    code = "key_reused"
    status = 422
    message = _("This request has already been used for another patient. Open the page again.")


@dataclass(frozen=True, kw_only=True)
class LineOrder:
    """`sessions` of a service, each `every_min_days`–`every_max_days` after the one before.

    A repeat examination is one session, that many days after the other lines are over.
    """

    service_id: int
    sessions: int = 1
    every_min_days: int = 1
    every_max_days: int = 7
    is_repeat_exam: bool = False
    specialist_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CourseOrder:
    """What a doctor prescribes; `appointment_id` is the visit at which it happened."""

    patient_id: int
    doctor_id: int
    branch_id: int
    lines: Sequence[LineOrder]
    key: str
    appointment_id: int | None = None
    note: str = ""


@transaction.atomic
def prescribe_course(*, order: CourseOrder, actor_id: int | None, now: datetime) -> Prescription:
    """Write the course down; each line becomes a task for reception. The same `key` is the same.

    Raises `NoLines`, `WrongCourse`, `ServiceNotActive`, `SpecialistDoesNotOffer`,
    `WrongAppointment`, `CourseKeyReused`.
    """
    _check(order)
    prescription, is_new = Prescription.objects.get_or_create(
        key=order.key,
        defaults={
            "patient_id": order.patient_id,
            "doctor_id": order.doctor_id,
            "branch_id": order.branch_id,
            "appointment_id": order.appointment_id,
            "note": order.note[:500],
            "created_at": now,
        },
    )
    if not is_new:
        if prescription.patient_id != order.patient_id:
            raise CourseKeyReused
        return prescription
    event = CoursePrescribed(patient_id=order.patient_id, prescription_id=prescription.pk)
    record_event(event, actor_id=actor_id, now=now)
    today = now.astimezone(Branch.objects.get(pk=order.branch_id).zone).date()
    for line in _write_lines(prescription, order.lines, today=today):
        follow_line(line, actor_id=actor_id, now=now)
    return prescription


def _check(order: CourseOrder) -> None:
    if not order.lines:
        raise NoLines
    if len(order.lines) > MOST_LINES or not all(_is_sound(line) for line in order.lines):
        raise WrongCourse
    active = Service.objects.filter(pk__in={line.service_id for line in order.lines})
    if active.filter(is_active=True).count() != len({line.service_id for line in order.lines}):
        raise ServiceNotActive
    for line in order.lines:
        check_specialist(service_id=line.service_id, specialist_id=line.specialist_id)
    if order.appointment_id is not None:
        visit = Appointment.objects.filter(pk=order.appointment_id).first()
        if visit is None or visit.patient_id != order.patient_id:
            raise WrongAppointment


def _is_sound(line: LineOrder) -> bool:
    return (
        1 <= line.sessions <= 60
        and 0 <= line.every_min_days <= line.every_max_days <= 365
        and (line.sessions == 1 or not line.is_repeat_exam)
    )


def _write_lines(
    prescription: Prescription, orders: Sequence[LineOrder], *, today: date
) -> list[PrescriptionLine]:
    """Write the lines; each is due when its sessions at their slowest are over."""
    start = today + START_WITHIN
    ends = [_last_session_on(line, start) for line in orders if not line.is_repeat_exam]
    course_ends_on = max(ends, default=today)
    return [
        PrescriptionLine.objects.create(
            prescription=prescription,
            position=position,
            service_id=line.service_id,
            sessions=line.sessions,
            every_min_days=line.every_min_days,
            every_max_days=line.every_max_days,
            is_repeat_exam=line.is_repeat_exam,
            specialist_id=line.specialist_id,
            due_on=course_ends_on + timedelta(days=line.every_max_days)
            if line.is_repeat_exam
            else _last_session_on(line, start),
        )
        for position, line in enumerate(orders, start=1)
    ]


def _last_session_on(line: LineOrder, start: date) -> date:
    return start + timedelta(days=(line.sessions - 1) * line.every_max_days)
