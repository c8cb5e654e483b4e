"""What is being offered right now: the clocks, and the answers that come by phone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.http import StaffRequest, close_dialog
from clinic.toasts import toast
from outbox.errors import Refused
from patients.doors import note_shown
from patients.models import Channel
from patients.queries import find_address
from waitlist.actions import accept_offer, decline_offer
from waitlist.models import Offer
from waitlist.queries import (
    Turn,
    access_offer,
    access_opening,
    list_open_openings,
    list_pending_offers,
    list_turns,
)
from waitlist.views.staff import CHANGED
from waitlist.words import describe_points, describe_wish

MOST_OPENINGS = 50

Points = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """An offer with its clock; `left` is never below zero."""

    offer: Offer
    phone: str
    left: timedelta
    points: Points


@require_safe
def offers(request: StaffRequest) -> HttpResponse:
    """Offers that wait for an answer, the most pressing first, and the times behind them."""
    now = timezone.now()
    pending = list(list_pending_offers())
    shown = [offer.entry.patient_id for offer in pending]
    note_shown(request, patient_ids=shown, actor=request.user, now=now)
    context = {
        "rows": [_describe(offer, now=now) for offer in pending],
        "openings": list(list_open_openings()[:MOST_OPENINGS]),
        "now": now,
    }
    template = "waitlist/offers.html"
    return render(request, f"{template}#now" if request.htmx else template, context)


def _describe(offer: Offer, *, now: datetime) -> Row:
    return Row(
        offer=offer,
        phone=find_address(patient=offer.entry.patient, channel=Channel.SMS) or "",
        left=max(offer.expires_at - now, timedelta(0)),
        points=describe_points(offer.points),
    )


@require_safe
def opening(request: StaffRequest, opening_id: int) -> HttpResponse:
    """One freed time: whom it was offered to, what they said, who is next and why."""
    now = timezone.now()
    found = access_opening(actor=request.user, opening_id=opening_id)
    turns = list_turns(opening=found, now=now)
    told = [(offer, describe_points(offer.points)) for offer in found.offers.all()]
    shown = {offer.entry.patient_id for offer, _points in told}
    shown |= {turn.ranked.entry.patient_id for turn in turns}
    note_shown(request, patient_ids=shown, actor=request.user, now=now)
    context = {
        "opening": found,
        "offers": told,
        "turns": [_describe_turn(turn) for turn in turns],
    }
    return render(request, "waitlist/opening.html", context)


def _describe_turn(turn: Turn) -> tuple[Turn, list[str], Points]:
    return turn, describe_wish(turn.ranked.entry), describe_points(turn.ranked.points)


@require_POST
def accept(request: StaffRequest, offer_id: int) -> HttpResponse:
    """The patient said yes on the phone."""
    return _answer(request, offer_id, accept_offer, said=_("Booked: the freed time is filled."))


@require_POST
def decline(request: StaffRequest, offer_id: int) -> HttpResponse:
    """The patient said no on the phone."""
    said = _("The time goes to the next in line; the patient waits on.")
    return _answer(request, offer_id, decline_offer, said=said)


def _answer(
    request: StaffRequest, offer_id: int, act: Callable[..., object], *, said: str
) -> HttpResponse:
    offer = access_offer(actor=request.user, offer_id=offer_id)
    try:
        act(offer_id=offer.pk, by_patient=False, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
    else:
        toast(request, said)
    return close_dialog(CHANGED, "appointments-changed")
