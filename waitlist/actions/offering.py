"""Offering a freed time in turn: one step looks at one opening and asks one person."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from appointments.actions import HoldOrder, hold_slot
from appointments.actions.locks import lock_diary
from appointments.models import LIVE, Appointment, Hold
from appointments.queries import Slot
from clinic.models import Branch, Setting
from messaging.actions import MessageDraft, Subject, issue_link, queue_message
from messaging.hours import decent_hours
from messaging.kinds import describe_branch, describe_moment
from messaging.models import LinkPurpose, Purpose
from outbox.actions import record_event
from outbox.errors import Refused
from waitlist.actions.closing import close_late_offers, close_offer
from waitlist.actions.openings import SHORTEST
from waitlist.events import OfferMade
from waitlist.models import (
    SUBJECT_KIND,
    Entry,
    EntryStatus,
    Offer,
    OfferStatus,
    Opening,
    OpeningStatus,
    name_hold,
)
from waitlist.queries import CLOCK, Ranked, find_slot, list_candidates, rank, soonest_start

NONE = timedelta(0)


def offer_next(*, now: datetime) -> bool:
    """Go through the list for the next opening that is due; False when none is.

    One step asks at most one person; while there is more to offer the opening stays due. At night
    nothing is offered and nothing held: the opening waits for the first decent hour at its branch,
    and free to be booked it stays.
    """
    due = Opening.objects.filter(look_at__lte=now).order_by("look_at", "id").first()
    if due is None:
        return False
    _look(due.pk, due.employee_id, now=now)
    return True


@transaction.atomic
def _look(opening_id: int, employee_id: int, *, now: datetime) -> None:
    """Whoever else looks waits for the diary, and then finds nothing due."""
    lock_diary(employee_id=employee_id)
    opening = Opening.objects.select_related("employee", "branch", "appointment").get(pk=opening_id)
    if opening.look_at is None or opening.look_at > now:
        return
    close_late_offers(employee_id=employee_id, now=now)
    opening.look_at = find_decent_moment(branch=opening.branch, now=now)
    if opening.ends_at <= soonest_start(notice=NONE, now=opening.look_at):
        _close(opening, at=opening.look_at, now=now)
    elif opening.look_at <= now and not _ask_first(opening, now=now):
        _wait_or_close(opening, now=now)
    opening.save()


def find_decent_moment(*, branch: Branch, now: datetime) -> datetime:
    """Return the first moment from which the whole clock runs at hours decent for a service text.

    Nobody is woken to answer, and no clock runs out while its text waits for the morning.
    """
    hours = decent_hours(Purpose.SERVICE, setting=Setting.load())
    at = hours.next_moment(now, zone=branch.zone)
    end = hours.next_moment(at + CLOCK, zone=branch.zone)
    return at if end == at + CLOCK else end


def _ask_first(opening: Opening, *, now: datetime) -> bool:
    """Ask the first in rank who can take a part that is free; False when nobody can."""
    if _is_covered(opening):
        return False
    candidates = list(list_candidates(opening=opening, now=now))
    for ranked in rank(candidates, opening=opening, now=now):
        slot = find_slot(entry=ranked.entry, terms=ranked.terms, opening=opening, now=now)
        offer = _hold_for(ranked, slot, opening, now=now) if slot else None
        if offer is not None and _send(offer, now=now):
            return True
    return False


def _is_covered(opening: Opening) -> bool:
    """Whether what has been offered and not answered leaves no time for anything else."""
    pending = opening.offers.filter(status=OfferStatus.PENDING)
    taken = sum(
        (
            min(offer.ends_at, opening.ends_at) - max(offer.starts_at, opening.starts_at)
            for offer in pending
        ),
        NONE,
    )
    return opening.ends_at - opening.starts_at - taken < SHORTEST


def _hold_for(ranked: Ranked, slot: Slot, opening: Opening, *, now: datetime) -> Offer | None:
    """Hold the time and write the offer down; None when either is no longer to be had."""
    order = HoldOrder(
        owner=name_hold(opening_id=opening.pk, entry_id=ranked.entry.pk),
        service_id=ranked.entry.service_id,
        employee_id=slot.employee_id,
        branch_id=slot.branch_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        held_for=CLOCK,
    )
    try:
        with transaction.atomic():
            held = hold_slot(order=order, actor_id=None, now=now)
            _claim(ranked.entry)
            return Offer.objects.create(
                opening=opening,
                entry=ranked.entry,
                employee_id=slot.employee_id,
                branch_id=slot.branch_id,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                price=ranked.terms.price,
                points=dict(ranked.points),
                offered_at=now,
                expires_at=held.expires_at,
            )
    except (Refused, _Gone, IntegrityError):
        return None


class _Gone(Exception):
    """Whoever was to be asked no longer waits, or somebody is changing his entry right now."""


def _claim(entry: Entry) -> None:
    """Hold the entry without waiting for it: whoever changes it may wait for our diary.

    Only then ask whether he was offered another doctor's time meanwhile: nobody answers two.
    """
    found = Entry.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    if not found.filter(pk=entry.pk, status=EntryStatus.WAITING).exists():
        raise _Gone
    if entry.offers.filter(status=OfferStatus.PENDING).exists():
        raise _Gone


def _send(offer: Offer, *, now: datetime) -> bool:
    """Write the message; an offer that cannot be sent ends at once, and the next is asked."""
    fact = OfferMade(patient_id=offer.entry.patient_id, entry_id=offer.entry_id, offer_id=offer.pk)
    record_event(fact, actor_id=None, now=now)
    patient, branch = offer.entry.patient, offer.opening.branch
    link = issue_link(
        purpose=LinkPurpose.OFFER,
        patient_id=patient.pk,
        subject_id=offer.pk,
        expires_at=offer.starts_at,
        now=now,
    )
    until = offer.expires_at.astimezone(branch.zone)
    draft = MessageDraft(
        key=f"waitlist:offer:{offer.pk}",
        patient_id=patient.pk,
        template_code="slot_offer",
        values={
            **describe_moment(offer.starts_at, zone=branch.zone, language=patient.language),
            **describe_branch(branch),
            "link": link,
            "until": f"{until:%H:%M}",
        },
        subject=Subject(SUBJECT_KIND, offer.pk),
        send_at=now,
        expires_at=offer.expires_at,
        zone=branch.time_zone,
    )
    if queue_message(draft=draft, now=now) is not None:
        return True
    close_offer(offer, OfferStatus.UNSENT, actor_id=None, now=now)
    return False


def _wait_or_close(opening: Opening, *, now: datetime) -> None:
    """Nobody can be asked now: wait for an answer or for a hold to run out, else it is over."""
    if opening.offers.filter(status=OfferStatus.PENDING).exists():
        opening.look_at = None
        return
    held = (
        Hold.objects.filter(
            employee=opening.employee_id,
            starts_at__lt=opening.ends_at,
            ends_at__gt=opening.starts_at,
            expires_at__gt=now,
        )
        .order_by("expires_at")
        .first()
    )
    if held is None:
        _close(opening, at=now, now=now)
    else:
        opening.look_at = held.expires_at


def _close(opening: Opening, *, at: datetime, now: datetime) -> None:
    """Write down what came of it; `at` is when somebody could be asked.

    Offers that wait for an answer are left to their clock.
    """
    offers = set(opening.offers.values_list("status", flat=True))
    if OfferStatus.PENDING in offers:
        opening.look_at = None
        return
    opening.status = _outcome(opening, offers, at=at)
    opening.closed_at, opening.look_at = now, None


def _outcome(opening: Opening, offers: Collection[str], *, at: datetime) -> OpeningStatus:
    if OfferStatus.ACCEPTED in offers:
        return OpeningStatus.FILLED
    booked = Appointment.objects.filter(
        employee=opening.employee_id,
        status__in=LIVE,
        starts_at__lt=opening.ends_at,
        ends_at__gt=opening.starts_at,
    )
    if booked.exists():
        return OpeningStatus.TAKEN
    if offers:
        return OpeningStatus.DECLINED
    if opening.ends_at <= soonest_start(notice=NONE, now=at):
        return OpeningStatus.PASSED
    return OpeningStatus.UNWANTED
