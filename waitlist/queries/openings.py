"""Freed times: whom they were offered to, and who would be asked next."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from clinic.models import User
from waitlist.models import Offer, Opening, OpeningStatus
from waitlist.queries.access import find_or_refuse
from waitlist.queries.candidates import find_slot, list_candidates
from waitlist.queries.ranking import Ranked, rank

MOST_TURNS = 10


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One who would be asked, in his place; `starts_at` is None when nothing is free for him."""

    ranked: Ranked
    starts_at: datetime | None


def list_openings() -> QuerySet[Opening]:
    offers = Offer.objects.select_related("entry__patient", "entry__service", "appointment")
    return Opening.objects.select_related(
        "employee", "branch", "appointment__patient", "appointment__service"
    ).prefetch_related(Prefetch("offers", offers.order_by("offered_at", "id")))


def list_open_openings() -> QuerySet[Opening]:
    """Return the times that are being offered now, the soonest first."""
    return list_openings().filter(status=OpeningStatus.OPEN).order_by("starts_at", "id")


def access_opening(*, actor: User, opening_id: int) -> Opening:
    """Find the freed time. Raises as `access_entry`."""
    return find_or_refuse(list_openings().filter(pk=opening_id), actor=actor)


def list_turns(*, opening: Opening, now: datetime) -> list[Turn]:
    """Return who would be asked next, as of now, at most ten; no one for what is over."""
    if opening.status != OpeningStatus.OPEN:
        return []
    ranked = rank(list(list_candidates(opening=opening, now=now)), opening=opening, now=now)
    return [_place(one, opening, now=now) for one in ranked[:MOST_TURNS]]


def _place(ranked: Ranked, opening: Opening, *, now: datetime) -> Turn:
    slot = find_slot(entry=ranked.entry, terms=ranked.terms, opening=opening, now=now)
    return Turn(ranked=ranked, starts_at=slot.starts_at if slot else None)
