from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.actions import (
    close_calls_after_refusal,
    confirm_called,
    keep_link_alive,
    settle_confirm_call,
    tell_cancelled,
    tell_moved,
    tell_of_arrival,
    tell_of_booking,
    tell_of_cancellation,
    tell_of_move,
)
from appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentRestored,
    MoveAsked,
    PatientArrived,
)
from appointments.models import SUBJECT_KIND, Appointment
from appointments.queries import find_reason_to_hold, read_mark
from messaging.guard import still_wanted
from outbox.events import on
from outbox.queries import find_actor_id
from patients.circle import treats
from worklist.actions import close_tasks, close_tasks_of_patient
from worklist.events import CallMade
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


@on(AppointmentMoved)
def tell_patient_of_move(event: AppointmentMoved, now: datetime) -> None:
    if not event.by_patient:
        tell_moved(
            appointment_id=event.appointment_id,
            from_start=datetime.fromisoformat(event.from_start),
            now=now,
        )


@on(AppointmentCancelled)
def tell_patient_of_cancellation(event: AppointmentCancelled, now: datetime) -> None:
    if not event.by_patient:
        tell_cancelled(appointment_id=event.appointment_id, now=now)


@still_wanted(
    SUBJECT_KIND,
    reasons={
        "visit_begun": _("The patient has come, or the visit is over."),
        "visit_restored": _("The visit was booked again."),
    },
)
def hold_notice_of_changed_visit(*, subject_id: int, mark: str, now: datetime) -> str:
    return find_reason_to_hold(appointment_id=subject_id, mark=read_mark(mark))


@on(AppointmentConfirmed)
def settle_call_when_confirmed(event: AppointmentConfirmed, now: datetime) -> None:
    settle_confirm_call(patient_id=event.patient_id, now=now)


@on(AppointmentMoved)
def settle_call_when_moved(event: AppointmentMoved, now: datetime) -> None:
    settle_confirm_call(patient_id=event.patient_id, now=now)


@on(MoveAsked)
def settle_call_when_asked_to_move(event: MoveAsked, now: datetime) -> None:
    settle_confirm_call(patient_id=event.patient_id, now=now)


@on(AppointmentCancelled)
def settle_call_when_cancelled(event: AppointmentCancelled, now: datetime) -> None:
    settle_confirm_call(patient_id=event.patient_id, now=now)


@on(PatientArrived)
def settle_call_when_come(event: PatientArrived, now: datetime) -> None:
    settle_confirm_call(patient_id=event.patient_id, now=now)


@on(AppointmentMissed)
def settle_call_when_missed(event: AppointmentMissed, now: datetime) -> None:
    settle_confirm_call(patient_id=event.patient_id, now=now)


@on(CallMade)
def confirm_on_the_phone(event: CallMade, now: datetime) -> None:
    confirm_called(task_id=event.task_id, outcome=event.outcome, now=now)


@on(AppointmentBooked)
def tell_doctor_of_booking(event: AppointmentBooked, now: datetime) -> None:
    tell_of_booking(appointment_id=event.appointment_id, actor_id=find_actor_id(event), now=now)


@on(AppointmentRestored)
def tell_doctor_of_restored_visit(event: AppointmentRestored, now: datetime) -> None:
    tell_of_booking(appointment_id=event.appointment_id, actor_id=find_actor_id(event), now=now)


@on(AppointmentMoved)
def tell_doctors_of_move(event: AppointmentMoved, now: datetime) -> None:
    tell_of_move(
        appointment_id=event.appointment_id,
        from_start=datetime.fromisoformat(event.from_start),
        from_employee_id=event.from_employee_id,
        actor_id=find_actor_id(event),
        now=now,
    )


@on(AppointmentCancelled)
def tell_doctor_of_cancellation(event: AppointmentCancelled, now: datetime) -> None:
    tell_of_cancellation(
        appointment_id=event.appointment_id, actor_id=find_actor_id(event), now=now
    )


@on(PatientArrived)
def tell_doctor_of_arrival(event: PatientArrived, now: datetime) -> None:
    tell_of_arrival(appointment_id=event.appointment_id, actor_id=find_actor_id(event), now=now)


@on(CallMade)
def call_no_more_who_refused(event: CallMade, now: datetime) -> None:
    close_calls_after_refusal(task_id=event.task_id, outcome=event.outcome, now=now)


@treats
def appointments_with(user_id: int) -> "QuerySet[Appointment]":
    """Whoever has or had an appointment with a doctor is the doctor's patient."""
    return Appointment.objects.filter(employee__user=user_id)
