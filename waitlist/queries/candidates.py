"""Who of the list could take a freed time, and which part of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.db.models import Exists, OuterRef, Q, QuerySet

from appointments.models import UPCOMING
from appointments.queries import Slot, SlotQuery, Wish, find_fit, list_free_slots
from clinic.models import Branch
from clinic.queries import Terms
from waitlist.models import Entry, EntryStatus, Offer, OfferStatus, Opening

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

CLOCK = timedelta(minutes=15)
"""How long a freed time is kept for whoever it is offered to."""

LEAST_AHEAD = timedelta(hours=1)
"""From the last moment to say yes to the visit: the patient has to get there."""

LOOKED_AHEAD = timedelta(days=14)
"""How far `find_free_now` looks."""


MOST_FREE = 500


class Named(TypedDict):
    """Whether the wish names branches."""

    names_branches: bool


Candidate: TypeAlias = "WithAnnotations[Entry, Named]"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An entry that need not be saved, and the branches that it names; none: any."""

    entry: Entry
    branch_ids: Collection[int]


def soonest_start(*, notice: timedelta, now: datetime) -> datetime:
    """Return the earliest start that can be offered: after the clock there is time to come.

    An hour, or the notice of the service where that is longer.
    """
    return now + CLOCK + max(notice, LEAST_AHEAD)


def list_candidates(*, opening: Opening, now: datetime) -> "QuerySet[Candidate]":
    """Return those who wait and may be asked about the freed time, in no order.

    Not asked: whoever has another offer to answer, was offered this time or said no to it before,
    gave it back himself, or asked not to be contacted. Days, weekdays and hours are left to
    `suits`, the rest of the diary to `find_slot`.
    """
    offers = Offer.objects.filter(entry=OuterRef("pk"))
    refused = offers.filter(
        status=OfferStatus.DECLINED,
        employee=opening.employee_id,
        starts_at__lt=opening.ends_at,
        ends_at__gt=opening.starts_at,
    )
    places = Entry.branches.through.objects.filter(entry=OuterRef("pk"))
    found: QuerySet[Candidate] = (
        Entry.objects.filter(status=EntryStatus.WAITING, patient__is_reachable=True)
        .filter(service__employees=opening.employee_id, service__is_active=True)
        .filter(Q(employee=None) | Q(employee=opening.employee_id))
        .filter(Q(position="") | Q(position=opening.employee.position))
        .filter(~Exists(places) | Exists(places.filter(branch=opening.branch_id)))
        .filter(_days_suit(opening))
        .filter(Q(earlier_than=None) | _comes_later(opening))
        .exclude(Exists(offers.filter(status=OfferStatus.PENDING)))
        .exclude(Exists(offers.filter(opening=opening)))
        .exclude(Exists(refused))
        .annotate(names_branches=Exists(places))
        .select_related("service", "patient", "earlier_than")
    )
    if opening.appointment is not None:
        found = found.exclude(patient=opening.appointment.patient_id)
    return found


def _days_suit(opening: Opening) -> Q:
    zone = opening.branch.zone
    first = opening.starts_at.astimezone(zone).date()
    last = opening.ends_at.astimezone(zone).date()
    return Q(until_on__gte=first) & (Q(from_on=None) | Q(from_on__lte=last))


def _comes_later(opening: Opening) -> Q:
    return Q(earlier_than__status__in=UPCOMING, earlier_than__starts_at__gt=opening.starts_at)


def suits(entry: Entry, starts_at: datetime, *, branch: Branch) -> bool:
    """Say whether a start lies in the days and hours of the wish, on the branch's clock."""
    local = starts_at.astimezone(branch.zone)
    clock = local.time()
    return (
        (entry.from_on is None or entry.from_on <= local.date())
        and local.date() <= entry.until_on
        and (not entry.weekdays or local.isoweekday() in entry.weekdays)
        and entry.from_clock <= clock < (entry.until_clock or time.max)
        and (entry.earlier_than is None or starts_at < entry.earlier_than.starts_at)
    )


def find_slot(*, entry: Entry, terms: Terms, opening: Opening, now: datetime) -> Slot | None:
    """Return where the visit of the one who waits would go: touching the freed time.

    It may reach into free time beside it. Best is what begins with the freed time, so that no gap
    is left before it; then the next after that; what begins before it comes last.
    """
    soonest = soonest_start(notice=terms.service.notice, now=now)
    found = [
        slot
        for slot in _list_slots(entry, terms, opening, now=now)
        if slot.starts_at >= soonest and suits(entry, slot.starts_at, branch=opening.branch)
    ]
    return min(
        found,
        key=lambda slot: (slot.starts_at < opening.starts_at, slot.starts_at),
        default=None,
    )


def _list_slots(entry: Entry, terms: Terms, opening: Opening, *, now: datetime) -> list[Slot]:
    """The grid of the branch, and the very start of the freed time, which may lie beside it."""
    length = _length(entry, terms, opening)
    query = SlotQuery(
        service_id=entry.service_id,
        branch_id=opening.branch_id,
        employee_id=opening.employee_id,
        patient_id=entry.patient_id,
        except_id=entry.earlier_than_id,
        from_at=opening.starts_at - length + timedelta(minutes=1),
        until_at=opening.ends_at,
        limit=200,
    )
    wish = Wish(
        service_id=entry.service_id,
        employee_id=opening.employee_id,
        branch_id=opening.branch_id,
        patient_id=entry.patient_id,
        starts_at=opening.starts_at,
        ends_at=opening.starts_at + length,
        except_id=entry.earlier_than_id,
    )
    found = list_free_slots(query=query, now=now)
    fit = find_fit(wish=wish, now=now)
    if fit is None:
        return found
    exact = Slot(
        employee_id=opening.employee_id,
        branch_id=opening.branch_id,
        room_id=fit.room_id,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
    )
    return [exact, *found]


def _length(entry: Entry, terms: Terms, opening: Opening) -> timedelta:
    """A visit that only comes earlier keeps its length with its own doctor, as moving does."""
    own = entry.earlier_than
    if own is not None and own.employee_id == opening.employee_id:
        return own.ends_at - own.starts_at
    return terms.duration


def find_free_now(*, order: Wanted, by_patient: bool, now: datetime, limit: int = 12) -> list[Slot]:
    """Return what is free already and suits the wish, soonest first: nobody need wait for it."""
    entry = order.entry
    query = SlotQuery(
        service_id=entry.service_id,
        employee_id=entry.employee_id,
        position=entry.position,
        branch_ids=tuple(order.branch_ids),
        weekdays=tuple(entry.weekdays),
        clock_from=entry.from_clock,
        clock_until=entry.until_clock,
        patient_id=entry.patient_id,
        except_id=entry.earlier_than_id,
        by_patient=by_patient,
        from_at=now + LEAST_AHEAD,
        until_at=now + LOOKED_AHEAD,
        limit=MOST_FREE,
    )
    branches = Branch.objects.in_bulk()
    found = (
        slot
        for slot in list_free_slots(query=query, now=now)
        if suits(entry, slot.starts_at, branch=branches[slot.branch_id])
    )
    return list(islice(found, limit))
