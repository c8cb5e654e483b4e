from datetime import datetime

from appointments.events import AppointmentBooked
from intake.actions import link_booking
from outbox.events import on


@on(AppointmentBooked)
def close_the_request_that_it_answers(event: AppointmentBooked, now: datetime) -> None:
    link_booking(appointment_id=event.appointment_id, now=now)
