from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext

from appointments.actions import keep_link_alive
from appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    AppointmentRestored,
)
from appointments.models import SUBJECT_KIND, Appointment
from outbox.events import on
from patients.circle import treats
from worklist.actions import close_tasks, close_tasks_of_patient
from worklist.models import TaskKind, TaskStatus


@on(AppointmentBooked)
def close_calls_answered_by_booking(event: AppointmentBooked, now: datetime) -> None:
    close_tasks_of_patient(
        patient_id=event.patient_id,
        kinds=[TaskKind.CALL_NO_SHOW, TaskKind.CALL_BACK],
        result=gettext("the patient has booked"),
        actor_id=None,
        now=now,
    )


@on(AppointmentRestored)
def close_call_about_restored_visit(event: AppointmentRestored, now: datetime) -> None:
    close_tasks(
        subject_kind=SUBJECT_KIND,
        subject_id=event.appointment_id,
        kinds=[TaskKind.CALL_NO_SHOW],
        result=gettext("the visit was restored"),
        status=TaskStatus.CANCELLED,
        actor_id=None,
        now=now,
    )


@on(AppointmentMoved)
def keep_link_of_moved_visit(event: AppointmentMoved, now: datetime) -> None:
    keep_link_alive(appointment_id=event.appointment_id)


@on(AppointmentMoved)
def close_call_about_moved_visit(event: AppointmentMoved, now: datetime) -> None:
    _close_calls_outside(event.appointment_id, result=gettext("moved"), now=now)


@on(AppointmentCancelled)
def close_call_about_cancelled_visit(event: AppointmentCancelled, now: datetime) -> None:
    _close_calls_outside(event.appointment_id, result=gettext("cancelled"), now=now)


def _close_calls_outside(appointment_id: int, *, result: str, now: datetime) -> None:
    """Whoever was to be called because nobody would be there has been settled with."""
    close_tasks(
        subject_kind=SUBJECT_KIND,
        subject_id=appointment_id,
        kinds=[TaskKind.CALL_OUTSIDE],
        result=result,
        status=TaskStatus.DONE,
        actor_id=None,
        now=now,
    )


@treats
def appointments_with(user_id: int) -> "QuerySet[Appointment]":
    """Whoever has or had an appointment with a doctor is the doctor's patient."""
    return Appointment.objects.filter(employee__user=user_id)
