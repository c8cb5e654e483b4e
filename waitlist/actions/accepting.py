"""Taking an offered time: by the link, or by reception for whoever is on the phone."""

from datetime import datetime

from django.db import transaction

from appointments.actions import (
    BookingOrder,
    book_appointment,
    cancel_appointment,
    lock_appointment,
    lock_resources,
    move_appointment,
    release_holds,
)
from appointments.models import UPCOMING, Appointment, CancelReason
from appointments.queries import Slot, list_device_ids, list_room_ids
from outbox.actions import record_event
from waitlist.actions.closing import OfferOver, check_pending, look_again
from waitlist.actions.entries import NotOnList, end_entry, lock_entry
from waitlist.events import OfferAccepted
from waitlist.models import Entry, EntryStatus, Offer, OfferStatus


@transaction.atomic
def accept_offer(
    *, offer_id: int, by_patient: bool, actor_id: int | None, now: datetime
) -> Appointment:
    """Give the patient the time that is held for him; his wait is over.

    Whoever has a booking and wanted to come earlier is moved in the same transaction; to another
    branch he is booked anew and the old booking cancelled. What he leaves is freed and offered on.
    Asked again, the same appointment comes back. Raises `OfferOver` when somebody was too late, and
    what `book_appointment` raises when the patient is booked elsewhere at this time by now.
    """
    seen = Offer.objects.select_related("entry__earlier_than").get(pk=offer_id)
    if seen.appointment is not None:
        return seen.appointment
    check_pending(seen, now=now)
    slot = _slot_of(seen)
    _lock_all(seen.entry, slot)
    entry = lock_entry(seen.entry_id)
    offer = Offer.objects.select_related("appointment").get(pk=offer_id)
    if offer.appointment is not None:
        return offer.appointment
    check_pending(offer, now=now)
    if entry.status != EntryStatus.WAITING:
        raise OfferOver
    had = entry.earlier_than_id
    booked = _give(entry, slot, key=offer.hold_owner, actor_id=actor_id, now=now)
    offer.status, offer.answered_at = OfferStatus.ACCEPTED, now
    offer.by_patient, offer.appointment = by_patient, booked
    offer.save()
    look_again(opening_id=offer.opening_id, now=now)
    entry.appointment = booked
    end_entry(entry, EntryStatus.BOOKED, actor_id=actor_id, now=now)
    fact = OfferAccepted(
        patient_id=entry.patient_id,
        entry_id=entry.pk,
        offer_id=offer.pk,
        appointment_id=booked.pk,
        moved=booked.pk == had,
        by_patient=by_patient,
    )
    record_event(fact, actor_id=actor_id, now=now)
    return booked


@transaction.atomic
def take_free_slot(
    *, entry_id: int, slot: Slot, key: str, actor_id: int | None, now: datetime
) -> Appointment:
    """Give whoever waits a time that is free anyway; his wait is over.

    For the page that says "taken already, but these are free". The same `key` is one booking.
    Raises `NotOnList` and what `book_appointment` raises.
    """
    seen = Entry.objects.select_related("earlier_than").get(pk=entry_id)
    if seen.status != EntryStatus.WAITING:
        raise NotOnList
    _lock_all(seen, slot)
    entry = lock_entry(entry_id)
    if entry.status != EntryStatus.WAITING:
        raise NotOnList
    booked = _give(entry, slot, key=key, actor_id=actor_id, now=now)
    entry.appointment = booked
    end_entry(entry, EntryStatus.BOOKED, actor_id=actor_id, now=now)
    return booked


def _slot_of(offer: Offer) -> Slot:
    return Slot(
        employee_id=offer.employee_id,
        branch_id=offer.branch_id,
        room_id=None,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
    )


def _give(
    entry: Entry, slot: Slot, *, key: str, actor_id: int | None, now: datetime
) -> Appointment:
    """Book the time, or bring the booking that the patient has forward to it."""
    old = lock_appointment(entry.earlier_than_id) if entry.earlier_than_id else None
    if old is not None and old.status in UPCOMING and old.branch_id == slot.branch_id:
        release_holds([key], now=now)
        return move_appointment(
            appointment_id=old.pk,
            starts_at=slot.starts_at,
            employee_id=slot.employee_id,
            version=old.version,
            actor_id=actor_id,
            now=now,
        )
    order = BookingOrder(
        patient_id=entry.patient_id,
        service_id=entry.service_id,
        employee_id=slot.employee_id,
        branch_id=slot.branch_id,
        starts_at=slot.starts_at,
        key=key,
        waived=True,
    )
    if old is not None and old.status in UPCOMING:
        cancel_appointment(
            appointment_id=old.pk,
            reason=CancelReason.PATIENT_ASKED,
            by_patient=False,
            actor_id=actor_id,
            now=now,
        )
    return book_appointment(order=order, actor_id=actor_id, now=now)


def _lock_all(entry: Entry, slot: Slot) -> None:
    """Lock at once, in the order that everybody keeps, all that the old and new time may take."""
    old = entry.earlier_than
    branches = {slot.branch_id} | ({old.branch_id} if old is not None else set())
    employees = {slot.employee_id} | ({old.employee_id} if old is not None else set())
    lock_resources(
        patient_id=entry.patient_id,
        employee_ids=employees,
        room_ids=[
            room_id
            for branch_id in branches
            for room_id in list_room_ids(service_id=entry.service_id, branch_id=branch_id)
        ],
        device_ids=[
            device_id
            for branch_id in branches
            for device_id in list_device_ids(service_id=entry.service_id, branch_id=branch_id)
        ],
    )
