"""What the patient brings in, owes and has saved up."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy as _

from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import Topic, Trait
from campaigns.segments.traits.kinds import NumberTrait
from campaigns.segments.traits.sql import HAS_TOTALS, between, in_totals, total
from campaigns.segments.values import Interval
from loyalty.models import PointAccount

MOST_MONEY = 999_999_999
MOST_POINTS = 99_999_999


def pays_on_average(asked: Interval[Any], moment: Moment) -> Q:
    """Money spent ÷ visits, compared without dividing: exact to the kopeck."""
    found = HAS_TOTALS & Q(totals__visits__gt=0)
    if asked.low is not None:
        found &= Q(totals__spent__gte=F("totals__visits") * asked.low)
    if asked.high is not None:
        found &= Q(totals__spent__lte=F("totals__visits") * asked.high)
    return found


def has_points(asked: Interval[Any], moment: Moment) -> Q:
    """Whoever has no account has no points."""
    accounts = PointAccount.objects.filter(patient=OuterRef("pk"))
    if asked.holds(0):
        outside = accounts.exclude(between("balance", asked))
        return ~Q(Exists(outside))
    return Q(Exists(accounts.filter(between("balance", asked))))


MONEY: tuple[Trait, ...] = (
    NumberTrait(
        code="spent",
        topic=Topic.MONEY,
        label=_("Money spent"),
        hint=_("Payments less refunds in all time; points are not money."),
        is_money=True,
        most=MOST_MONEY,
        within=in_totals("spent"),
        number=total("spent"),
    ),
    NumberTrait(
        code="average_bill",
        topic=Topic.MONEY,
        label=_("Average bill"),
        hint=_("Money spent divided by visits."),
        is_money=True,
        most=MOST_MONEY,
        within=pays_on_average,
        number=lambda moment: F("totals__spent") / NullIf("totals__visits", 0),
        unknown=lambda moment: Q(totals__isnull=True) | Q(totals__visits=0),
        unknown_label=_("has not been yet"),
    ),
    NumberTrait(
        code="debt",
        topic=Topic.MONEY,
        label=_("Debt"),
        is_money=True,
        most=MOST_MONEY,
        within=in_totals("debt"),
        number=total("debt"),
    ),
    NumberTrait(
        code="points",
        topic=Topic.MONEY,
        label=_("Points balance"),
        most=MOST_POINTS,
        within=has_points,
        number=lambda moment: Subquery(
            PointAccount.objects.filter(patient=OuterRef("pk")).values("balance")
        ),
    ),
)
