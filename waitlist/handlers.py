from datetime import datetime

from django.utils.translation import gettext_lazy as _

from appointments.events import AppointmentBooked, AppointmentCancelled, AppointmentMoved
from clinic.events import ShiftAdded, ShiftChanged, TimeOffRemoved
from messaging.events import MessageNotSent
from messaging.guard import still_wanted
from outbox.events import on
from waitlist.actions import (
    call_off_unsent,
    end_by_booking,
    follow_cancelled,
    free_cancelled,
    free_left,
    free_returned,
    free_shift,
)
from waitlist.models import SUBJECT_KIND, EntryStatus, Offer, OfferStatus


@on(AppointmentCancelled)
def free_time_of_cancelled(event: AppointmentCancelled, now: datetime) -> None:
    free_cancelled(appointment_id=event.appointment_id, now=now)


@on(AppointmentMoved)
def free_time_left_by_move(event: AppointmentMoved, now: datetime) -> None:
    free_left(
        appointment_id=event.appointment_id,
        employee_id=event.from_employee_id,
        starts_at=datetime.fromisoformat(event.from_start),
        ends_at=datetime.fromisoformat(event.from_end) if event.from_end else None,
        now=now,
    )


@on(ShiftAdded)
def offer_added_shift(event: ShiftAdded, now: datetime) -> None:
    free_shift(
        employee_id=event.employee_id,
        branch_id=event.branch_id,
        starts_at=datetime.fromisoformat(event.starts_at),
        ends_at=datetime.fromisoformat(event.ends_at),
        now=now,
    )


@on(ShiftChanged)
def offer_changed_shift(event: ShiftChanged, now: datetime) -> None:
    free_shift(
        employee_id=event.employee_id,
        branch_id=event.branch_id,
        starts_at=datetime.fromisoformat(event.starts_at),
        ends_at=datetime.fromisoformat(event.ends_at),
        now=now,
    )


@on(TimeOffRemoved)
def offer_returned_time(event: TimeOffRemoved, now: datetime) -> None:
    free_returned(
        employee_id=event.employee_id,
        starts_at=datetime.fromisoformat(event.starts_at),
        ends_at=datetime.fromisoformat(event.ends_at),
        now=now,
    )


@on(AppointmentBooked)
def end_wait_of_booked(event: AppointmentBooked, now: datetime) -> None:
    end_by_booking(appointment_id=event.appointment_id, now=now)


@on(AppointmentCancelled)
def follow_visit_waited_with(event: AppointmentCancelled, now: datetime) -> None:
    follow_cancelled(appointment_id=event.appointment_id, now=now)


@on(MessageNotSent)
def call_off_unheard_offer(event: MessageNotSent, now: datetime) -> None:
    call_off_unsent(message_id=event.message_id, now=now)


@still_wanted(SUBJECT_KIND, reasons={"answered": _("The offer was answered or called off.")})
def offer_still_stands(*, subject_id: int, mark: str, now: datetime) -> str:
    offer = Offer.objects.select_related("entry").get(pk=subject_id)
    is_open = offer.status == OfferStatus.PENDING and offer.entry.status == EntryStatus.WAITING
    return "" if is_open else "answered"
