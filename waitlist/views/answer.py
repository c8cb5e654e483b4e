"""The page behind the link of an offer. A GET changes nothing: robots follow links."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from appointments.queries import Slot
from clinic.models import Branch
from messaging.models import LinkPurpose
from messaging.queries import LinkInvalid, open_link
from outbox.errors import Refused
from waitlist.actions import (
    OfferOver,
    accept_offer,
    decline_offer,
    take_free_slot,
    withdraw_entry,
)
from waitlist.forms import TakeForm
from waitlist.models import EndReason, EntryStatus, Offer, OfferStatus
from waitlist.queries import Wanted, find_free_now

Days = list[tuple[Branch, date, list[Slot]]]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The time that is kept, and yes or no; too late: other times. Works without scripts.

    The page names no service and no doctor: the link lies in an open text.
    """
    now = timezone.now()
    try:
        link = open_link(token=token, purpose=LinkPurpose.OFFER, now=now)
    except LinkInvalid as refusal:
        context = {"refusal": refusal}
        return render(request, "waitlist/closed.html", context, status=refusal.status)
    offer = _read(link.subject_id)
    if request.method != "POST":
        return _show(request, offer, now=now)
    try:
        is_understood = _act(request, offer, now=now)
    except Refused as refusal:
        shown = None if isinstance(refusal, OfferOver) else refusal
        return _show(request, _read(offer.pk), now=now, refusal=shown, status=refusal.status)
    if not is_understood:
        return _show(request, offer, now=now, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(request.path)


def _read(offer_id: int) -> Offer:
    related = ("entry__earlier_than", "entry__appointment__branch", "entry__service", "branch")
    return Offer.objects.select_related(*related).get(pk=offer_id)


def _act(request: HttpRequest, offer: Offer, *, now: datetime) -> bool:
    """Do what was said; False for what is no answer."""
    form = TakeForm(request.POST)
    match request.POST.get("answer", ""):
        case "accept":
            accept_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=now)
        case "decline":
            decline_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=now)
        case "leave":
            withdraw_entry(
                entry_id=offer.entry_id,
                reason=EndReason.PATIENT_ASKED,
                actor_id=None,
                now=now,
            )
        case "take" if form.is_valid():
            _take(offer, *form.cleaned_data["take"], now=now)
        case _:
            return False
    return True


def _take(
    offer: Offer, employee_id: int, branch_id: int, starts_at: datetime, *, now: datetime
) -> None:
    """Book one of the times that the page shows. Raises `OfferOver` when it is gone by now."""
    chosen = (
        slot
        for slot in _list_free(offer, now=now)
        if (slot.employee_id, slot.branch_id) == (employee_id, branch_id)
        and slot.starts_at == starts_at
    )
    slot = next(chosen, None)
    if slot is None:
        raise OfferOver
    key = f"{offer.hold_owner}:{starts_at.isoformat()}"
    take_free_slot(entry_id=offer.entry_id, slot=slot, key=key, actor_id=None, now=now)


def _list_free(offer: Offer, *, now: datetime) -> list[Slot]:
    branch_ids = offer.entry.branches.values_list("pk", flat=True)
    wanted = Wanted(entry=offer.entry, branch_ids=list(branch_ids))
    return find_free_now(order=wanted, by_patient=True, now=now)


def _show(
    request: HttpRequest, offer: Offer, *, now: datetime, status: int = 200, **more: Any
) -> HttpResponse:
    entry = offer.entry
    is_open = offer.status == OfferStatus.PENDING and offer.expires_at > now
    is_waiting = entry.status == EntryStatus.WAITING
    context = {
        "offer": offer,
        "entry": entry,
        "branch": offer.branch,
        "booked": entry.appointment if entry.status == EntryStatus.BOOKED else None,
        "is_open": is_open and is_waiting,
        "is_waiting": is_waiting,
        "is_declined": offer.status == OfferStatus.DECLINED,
        "days": _by_days(_list_free(offer, now=now)) if is_waiting and not is_open else [],
        **more,
    }
    return render(request, "waitlist/answer.html", context, status=status)


def _by_days(slots: list[Slot]) -> Days:
    """Put free times under their branch and day, in order."""
    branches = Branch.objects.in_bulk({slot.branch_id for slot in slots})
    found: dict[tuple[int, date], list[Slot]] = {}
    for slot in slots:
        day = slot.starts_at.astimezone(branches[slot.branch_id].zone).date()
        found.setdefault((slot.branch_id, day), []).append(slot)
    return [(branches[branch_id], day, times) for (branch_id, day), times in found.items()]
