from datetime import datetime

from appointments.events import AppointmentBooked, AppointmentCancelled, AppointmentMissed
from campaigns.actions import leave_silence, reconsider_silence
from campaigns.queries.runs import find_reason_to_hold
from campaigns.queries.scenarios import RUN
from campaigns.words import LEAVING
from messaging.guard import still_wanted
from outbox.events import on


@on(AppointmentBooked)
def leave_reactivation_on_booking(event: AppointmentBooked, now: datetime) -> None:
    leave_silence(patient_id=event.patient_id, reason="booked", now=now)


@on(AppointmentCancelled)
def resume_reactivation_after_cancellation(event: AppointmentCancelled, now: datetime) -> None:
    reconsider_silence(patient_id=event.patient_id, now=now)


@on(AppointmentMissed)
def resume_reactivation_after_no_show(event: AppointmentMissed, now: datetime) -> None:
    reconsider_silence(patient_id=event.patient_id, now=now)


@still_wanted(RUN, reasons=LEAVING)
def hold_message_of_left_run(*, subject_id: int, mark: str, now: datetime) -> str:
    return find_reason_to_hold(subject_id, now=now)
