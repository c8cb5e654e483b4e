"""Who waits, and which offers wait for an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from appointments.models import LIVE
from clinic.models import User
from waitlist.models import Entry, EntryStatus, Offer, OfferStatus
from waitlist.queries.access import find_or_refuse

OFFERED = "offered"
"""The state of whoever waits and has an offer to answer right now."""

RECENT = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """What the list is narrowed to; an empty field narrows nothing.

    `state` is an `EntryStatus` or `OFFERED`. With a branch, whoever would come to any counts too.
    """

    state: str = ""
    service_id: int | None = None
    employee_id: int | None = None
    branch_id: int | None = None
    patient_key: str = ""
    patient_id: int | None = None
    is_earlier: bool = False


def list_entries() -> QuerySet[Entry]:
    """Return the list as its page shows it: who waits longest first, then who left it last."""
    return (
        Entry.objects.select_related("patient", "service", "employee", "earlier_than__branch")
        .select_related("earlier_than__employee", "appointment__branch", "appointment__employee")
        .prefetch_related("branches")
        .order_by("created_at", "id")
    )


def filter_entries(entries: QuerySet[Entry], *, by: EntryFilter) -> QuerySet[Entry]:
    """Narrow the list; those off the list come newest first."""
    exact = {
        "service": by.service_id,
        "patient": by.patient_id,
        "patient__name_key__contains": by.patient_key,
    }
    found = entries.filter(**{name: value for name, value in exact.items() if value})
    if by.employee_id:
        found = found.filter(Q(employee=by.employee_id) | Q(appointment__employee=by.employee_id))
    if by.branch_id:
        places = Entry.branches.through.objects.filter(entry=OuterRef("pk"))
        found = found.filter(~Exists(places) | Exists(places.filter(branch=by.branch_id)))
    if by.is_earlier:
        found = found.filter(earlier_than__isnull=False)
    if by.state == OFFERED:
        pending = Offer.objects.filter(entry=OuterRef("pk"), status=OfferStatus.PENDING)
        return found.filter(Exists(pending), status=EntryStatus.WAITING)
    if not by.state:
        return found.order_by("-created_at", "-id")
    found = found.filter(status=by.state)
    return found if by.state == EntryStatus.WAITING else found.order_by("-ended_at", "-id")


def list_open_of_patient(*, patient_id: int) -> list[Entry]:
    """Return what the patient waits for now."""
    return list(list_entries().filter(patient=patient_id, status=EntryStatus.WAITING))


def list_offers_of(*, entry: Entry) -> list[Offer]:
    """Return what was offered to whoever waits, newest first."""
    found = Offer.objects.filter(entry=entry).select_related("employee", "branch")
    return list(found.order_by("-offered_at", "-id"))


def list_pending_offers() -> QuerySet[Offer]:
    """Return the offers that wait for an answer, whose clock ends first before."""
    return (
        Offer.objects.filter(status=OfferStatus.PENDING)
        .select_related("entry__patient", "entry__service", "entry__earlier_than__branch")
        .select_related("employee", "branch", "opening")
        .order_by("expires_at", "id")
    )


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Now: who waits, and whose offer runs. In 30 days: times filled, and roubles of new visits.

    A visit that only came earlier brings no roubles: it stood already.
    """

    waiting: int
    offered: int
    filled: int
    saved: Decimal


def get_overview(*, now: datetime) -> Overview:
    accepted = Offer.objects.filter(
        status=OfferStatus.ACCEPTED, answered_at__gte=now - RECENT, appointment__status__in=LIVE
    )
    new = accepted.filter(entry__earlier_than=None)
    return Overview(
        waiting=Entry.objects.filter(status=EntryStatus.WAITING).count(),
        offered=Offer.objects.filter(status=OfferStatus.PENDING).count(),
        filled=accepted.count(),
        saved=new.aggregate(sum=Sum("appointment__price"))["sum"] or Decimal(0),
    )


def access_entry(*, actor: User, entry_id: int) -> Entry:
    """Find the entry. Raises `Http404`, `PermissionDenied` for whoever is not of reception."""
    return find_or_refuse(list_entries().filter(pk=entry_id), actor=actor)


def access_offer(*, actor: User, offer_id: int) -> Offer:
    """Find the offer. Raises as `access_entry`."""
    offers = Offer.objects.select_related("entry__patient", "entry__service", "employee", "branch")
    return find_or_refuse(offers.filter(pk=offer_id), actor=actor)
