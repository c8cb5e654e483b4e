"""Offers that end without a booking: said no to, not answered, not sent, called off."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appointments.actions import release_holds
from appointments.actions.locks import lock_diary
from messaging.models import Message
from outbox.actions import record_event
from outbox.errors import Refused
from waitlist.events import OfferClosed
from waitlist.models import SUBJECT_KIND, EntryStatus, Offer, OfferStatus, Opening, OpeningStatus


class OfferOver(Refused):
    code = "offer_over"
    message = _("This time is taken already: it was kept for a quarter of an hour.")


@transaction.atomic
def decline_offer(*, offer_id: int, by_patient: bool, actor_id: int | None, now: datetime) -> Offer:
    """Say no to a time: it goes to the next in rank, and the patient waits on.

    Twice is harmless. Raises `OfferOver` once it was accepted or its clock has run out.
    """
    offer = lock_offer(offer_id)
    if offer.status == OfferStatus.DECLINED:
        return offer
    check_pending(offer, now=now)
    offer.by_patient = by_patient
    close_offer(offer, OfferStatus.DECLINED, actor_id=actor_id, now=now)
    return offer


def close_offer_next(*, now: datetime) -> bool:
    """End the next offer whose clock has run out, or whose patient no longer waits.

    False when there is none.
    """
    gone = ~Q(entry__status=EntryStatus.WAITING)
    due = (
        Offer.objects.filter(Q(expires_at__lte=now) | gone, status=OfferStatus.PENDING)
        .order_by("expires_at", "id")
        .first()
    )
    if due is None:
        return False
    _close_due(due.pk, now=now)
    return True


@transaction.atomic
def _close_due(offer_id: int, *, now: datetime) -> None:
    offer = lock_offer(offer_id)
    if offer.status == OfferStatus.PENDING:
        is_late = offer.expires_at <= now
        status = OfferStatus.EXPIRED if is_late else OfferStatus.LOST
        close_offer(offer, status, actor_id=None, now=now)


@transaction.atomic
def call_off_unsent(*, message_id: int, now: datetime) -> None:
    """The text of an offer was not sent: whoever never heard of it is not waited for."""
    message = Message.objects.get(pk=message_id)
    if message.subject_kind != SUBJECT_KIND or message.subject_id is None:
        return
    offer = lock_offer(message.subject_id)
    if offer.status == OfferStatus.PENDING:
        close_offer(offer, OfferStatus.UNSENT, actor_id=None, now=now)


def close_late_offers(*, employee_id: int, now: datetime) -> None:
    """End what has run out in a diary that the caller holds, so that it stands in nobody's way."""
    late = Offer.objects.filter(
        employee=employee_id, status=OfferStatus.PENDING, expires_at__lte=now
    )
    for offer in late.select_related("entry"):
        close_offer(offer, OfferStatus.EXPIRED, actor_id=None, now=now)


def lock_offer(offer_id: int) -> Offer:
    """Return the offer; nobody else changes it or its opening to the end of the transaction.

    The lock is that of the employee's diary, so that answering, expiring and offering take turns.
    """
    lock_diary(employee_id=Offer.objects.values_list("employee_id", flat=True).get(pk=offer_id))
    return Offer.objects.select_related("entry").get(pk=offer_id)


def check_pending(offer: Offer, *, now: datetime) -> None:
    """Raise `OfferOver` unless the offer can still be answered: at `expires_at` it is too late."""
    if offer.status != OfferStatus.PENDING or offer.expires_at <= now:
        raise OfferOver


def close_offer(offer: Offer, status: OfferStatus, *, actor_id: int | None, now: datetime) -> None:
    """End a pending offer whose diary the caller holds; its time goes to the next in rank."""
    offer.status, offer.answered_at = status, now
    offer.save()
    release_holds([offer.hold_owner], now=now)
    look_again(opening_id=offer.opening_id, now=now)
    fact = OfferClosed(
        patient_id=offer.entry.patient_id,
        entry_id=offer.entry_id,
        offer_id=offer.pk,
        status=status,
        by_patient=offer.by_patient,
    )
    record_event(fact, actor_id=actor_id, now=now)


def look_again(*, opening_id: int, now: datetime) -> None:
    """Have the list gone through once more for the opening, unless it is over."""
    Opening.objects.filter(pk=opening_id, status=OpeningStatus.OPEN).update(look_at=now)
