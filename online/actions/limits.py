"""How often strangers may do what costs money, holds a time or makes work for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from online.models import Attempt, Deed, OnlineSetting, Trace
from online.secrets import hash_contact, hash_place
from outbox.errors import Refused

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEPT_FOR = timedelta(days=2)
"""How long a visitor's attempt and the traces of it are remembered."""


class TooOften(Refused):
    """Whose limit it was is not told: a stranger must not learn it of somebody's phone."""

    code = "too_often"
    status = 429
    message = _("Too many tries in a row. Please wait an hour or call us: we will book you.")


class CodesUsedUp(Refused):
    code = "codes_used_up"
    status = 429
    message = _("We cannot send a code right now. Please call us: we will book you.")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `most` deeds within `within`, counted per `what`: contact, place or clinic."""

    what: str
    most: int
    within: timedelta


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who does it, as far as it is known: his address, and the phone or e-mail he named."""

    address: str | None
    contact: str = ""


LIMITS: dict[Deed, Sequence[Limit]] = {
    Deed.HOLD: (
        Limit(what="place", most=10, within=HOUR),
        Limit(what="clinic", most=200, within=HOUR),
    ),
    Deed.CODE: (
        Limit(what="contact", most=1, within=timedelta(seconds=45)),
        Limit(what="contact", most=4, within=HOUR),
        Limit(what="contact", most=8, within=DAY),
        Limit(what="place", most=12, within=HOUR),
        Limit(what="place", most=40, within=DAY),
        Limit(what="clinic", most=200, within=HOUR),
    ),
    Deed.WRONG: (
        Limit(what="contact", most=15, within=DAY),
        Limit(what="place", most=40, within=HOUR),
    ),
    Deed.WISH: (
        Limit(what="contact", most=3, within=DAY),
        Limit(what="place", most=5, within=HOUR),
        Limit(what="clinic", most=60, within=HOUR),
    ),
}
"""A place is shared by all behind one provider's address, so it has more than a contact."""


@transaction.atomic
def count_deed(*, deed: Deed, visitor: Visitor, cost: Decimal = Decimal(0), now: datetime) -> Trace:
    """Write the deed down. Raises `TooOften` when a limit is reached, and writes nothing.

    Those who do the same stand in a queue, so a hundred at once are counted one after another.
    """
    with connection.cursor() as cursor:
        name = f"online:{deed}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    trace = Trace(
        deed=deed,
        place=hash_place(visitor.address),
        contact=hash_contact(visitor.contact),
        cost=cost,
        at=now,
    )
    _check_limits(trace, now=now)
    if cost:
        _check_budget(cost, now=now)
    trace.save(force_insert=True)
    return trace


def _check_limits(trace: Trace, *, now: datetime) -> None:
    limits = LIMITS[Deed(trace.deed)]
    whose = {"place": Q(place=trace.place), "contact": Q(contact=trace.contact), "clinic": Q()}
    counts = {
        f"n{number}": Count("pk", filter=whose[limit.what] & Q(at__gt=now - limit.within))
        for number, limit in enumerate(limits)
    }
    since = now - max(limit.within for limit in limits)
    done = Trace.objects.filter(deed=trace.deed, at__gt=since).aggregate(**counts)
    if any(done[f"n{number}"] >= limit.most for number, limit in enumerate(limits)):
        raise TooOften


def _check_budget(cost: Decimal, *, now: datetime) -> None:
    spent = Trace.objects.filter(deed=Deed.CODE, at__gt=now - DAY).aggregate(sum=Sum("cost"))
    if (spent["sum"] or Decimal(0)) + cost > OnlineSetting.load().code_budget:
        raise CodesUsedUp


def forget_attempts(*, now: datetime) -> int:
    """Forget visitors and what was counted of them; bookings and consents stand elsewhere."""
    attempts, _by_model = Attempt.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    traces, _by_model = Trace.objects.filter(at__lt=now - KEPT_FOR).delete()
    return attempts + traces
