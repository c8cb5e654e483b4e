"""Slot rescue: what became of the times that visits left behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from statistics import median

from django.db.models import QuerySet
from django.utils import timezone

from appointments.models import LIVE
from waitlist.models import Offer, OfferStatus, Opening

STEPS = ("freed", "offered", "filled")


@dataclass(frozen=True, kw_only=True)
class RescueFilter:
    """Times freed from `since` on and before `until`, on the clock of the installation."""

    since: date
    until: date
    branch_id: int | None = None
    employee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class RescueLine:
    """`freed` times, of which `offered` to anybody and `filled` by somebody of the list.

    `saved` are the roubles of visits booked into them that still stand. Whoever only came earlier
    brings none: his visit stood already. `to_fill` is the median from freed to booked.
    """

    id: int
    name: str
    freed: int
    offered: int
    filled: int
    saved: Decimal
    to_fill: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Rescue:
    total: RescueLine
    by_branch: Sequence[RescueLine]
    by_doctor: Sequence[RescueLine]


def list_freed(*, wanted: RescueFilter, step: str = "freed") -> QuerySet[Opening]:
    """Return the freed times behind a figure, newest first."""
    found = Opening.objects.filter(
        freed_at__gte=_midnight(wanted.since), freed_at__lt=_midnight(wanted.until)
    )
    if wanted.branch_id:
        found = found.filter(branch=wanted.branch_id)
    if wanted.employee_id:
        found = found.filter(employee=wanted.employee_id)
    if step == "offered":
        found = found.filter(pk__in=Offer.objects.values("opening"))
    if step == "filled":
        accepted = Offer.objects.filter(status=OfferStatus.ACCEPTED)
        found = found.filter(pk__in=accepted.values("opening"))
    related = ("employee", "branch", "appointment__service")
    return found.select_related(*related).order_by("-freed_at", "-id")


def read_rescue(*, wanted: RescueFilter) -> Rescue:
    """Count the freed times of the period, all of them and by branch and doctor."""
    openings = list(list_freed(wanted=wanted).prefetch_related("offers__appointment"))
    branches = {one.branch_id: one.branch.name for one in openings}
    doctors = {one.employee_id: one.employee.short_name for one in openings}
    return Rescue(
        total=_count(0, "", openings),
        by_branch=[
            _count(number, name, [one for one in openings if one.branch_id == number])
            for number, name in sorted(branches.items(), key=lambda item: item[1])
        ],
        by_doctor=[
            _count(number, name, [one for one in openings if one.employee_id == number])
            for number, name in sorted(doctors.items(), key=lambda item: item[1])
        ],
    )


def count_saved(opening: Opening) -> Decimal:
    """Return the roubles that new visits brought into a freed time."""
    return sum((_saved(offer) for offer in opening.offers.all()), Decimal(0))


def _count(number: int, name: str, openings: Sequence[Opening]) -> RescueLine:
    offers = [list(one.offers.all()) for one in openings]
    times = [
        (offer.answered_at - opening.freed_at).total_seconds()
        for opening, asked in zip(openings, offers, strict=True)
        for offer in asked
        if offer.status == OfferStatus.ACCEPTED and offer.answered_at
    ]
    return RescueLine(
        id=number,
        name=name,
        freed=len(openings),
        offered=sum(bool(asked) for asked in offers),
        filled=sum(
            any(offer.status == OfferStatus.ACCEPTED for offer in asked) for asked in offers
        ),
        saved=sum((_saved(offer) for asked in offers for offer in asked), Decimal(0)),
        to_fill=timedelta(seconds=median(times)) if times else None,
    )


def _saved(offer: Offer) -> Decimal:
    """The key of a booking is that of its offer; a visit that only moved has its own."""
    booked = offer.appointment
    if booked is None or booked.status not in LIVE or booked.key != offer.hold_owner:
        return Decimal(0)
    return booked.price


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time()))
