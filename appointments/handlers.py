from datetime import datetime

from django.utils.translation import gettext

from appointments.events import AppointmentBooked, AppointmentRestored
from appointments.models import SUBJECT_KIND
from outbox.events import on
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
