from datetime import datetime

from django.db.models import Q, QuerySet

from appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRestored,
    PatientArrived,
    VisitFinished,
    VisitReopened,
)
from outbox.events import on
from patients.circle import treats
from prescriptions.actions import adopt_appointment, follow_session, hand_over_by_task
from prescriptions.models import Prescription
from worklist.events import TaskTaken


@on(AppointmentBooked)
def recognise_session(event: AppointmentBooked, now: datetime) -> None:
    adopt_appointment(appointment_id=event.appointment_id, now=now)


@on(AppointmentCancelled)
def lose_cancelled_session(event: AppointmentCancelled, now: datetime) -> None:
    follow_session(appointment_id=event.appointment_id, now=now)


@on(AppointmentMissed)
def lose_missed_session(event: AppointmentMissed, now: datetime) -> None:
    follow_session(appointment_id=event.appointment_id, now=now)


@on(AppointmentRestored)
def regain_restored_session(event: AppointmentRestored, now: datetime) -> None:
    follow_session(appointment_id=event.appointment_id, now=now)


@on(PatientArrived)
def regain_late_session(event: PatientArrived, now: datetime) -> None:
    follow_session(appointment_id=event.appointment_id, now=now)


@on(VisitFinished)
def count_attended_session(event: VisitFinished, now: datetime) -> None:
    follow_session(appointment_id=event.appointment_id, now=now)


@on(VisitReopened)
def uncount_reopened_session(event: VisitReopened, now: datetime) -> None:
    follow_session(appointment_id=event.appointment_id, now=now)


@on(TaskTaken)
def hand_over_taken_line(event: TaskTaken, now: datetime) -> None:
    hand_over_by_task(task_id=event.task_id, actor_id=None, now=now)


@treats
def prescribed_or_handed_to(user_id: int) -> "QuerySet[Prescription]":
    """Courses that the doctor prescribed, or of which a line was handed to him."""
    return Prescription.objects.filter(Q(doctor__user=user_id) | Q(lines__specialist__user=user_id))
