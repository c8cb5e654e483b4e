"""What the patient brings in, owes and has saved up."""

from datetime import timedelta
from typing import Any

from django.db.models import (
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Extract, Floor, NullIf
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import Topic, Trait
from campaigns.segments.traits.kinds import FlagTrait, NumberTrait
from campaigns.segments.traits.sql import HAS_TOTALS, between, in_totals, total
from campaigns.segments.values import Interval
from loyalty.models import PointAccount
from packages.models import LIVE, Package, PackagePart, PackageStatus

MOST_MONEY = 999_999_999
MOST_POINTS = 99_999_999
MOST_SESSIONS = 9_999
MOST_DAYS = 3_650


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


def packages_in_use(moment: Moment) -> QuerySet[Package]:
    """The patient's own packages that still hold something."""
    in_term = Q(ends_at__isnull=True) | Q(ends_at__gt=moment.now) | Q(status=PackageStatus.FROZEN)
    return Package.objects.filter(in_term, patient=OuterRef("pk"), status__in=LIVE)


def count_sessions(moment: Moment) -> Combinable:
    """What all packages of the patient hold together; 0 without one."""
    in_term = (
        Q(package__ends_at__isnull=True)
        | Q(package__ends_at__gt=moment.now)
        | Q(package__status=PackageStatus.FROZEN)
    )
    parts = PackagePart.objects.filter(
        in_term, package__patient=OuterRef("pk"), package__status__in=LIVE
    )
    held = parts.order_by().values("package__patient").annotate(held=Sum("balance")).values("held")
    return Coalesce(Subquery(held), 0)


def holds_sessions(asked: Interval[Any], moment: Moment) -> Q:
    found = Q()
    if asked.low is not None:
        found &= Q(GreaterThanOrEqual(count_sessions(moment), asked.low))
    if asked.high is not None:
        found &= Q(LessThanOrEqual(count_sessions(moment), asked.high))
    return found


def packages_ending(moment: Moment) -> QuerySet[Package]:
    """The patient's packages whose term runs."""
    return Package.objects.filter(
        patient=OuterRef("pk"), status=PackageStatus.ACTIVE, ends_at__gt=moment.now
    )


def ends_within(asked: Interval[Any], moment: Moment) -> Q:
    """The package that ends first does so in so many whole days."""
    running = packages_ending(moment)
    found = Q(Exists(running))
    if asked.low is not None:
        found &= ~Q(Exists(running.filter(ends_at__lt=moment.now + timedelta(days=asked.low))))
    if asked.high is not None:
        limit = moment.now + timedelta(days=asked.high + 1)
        found &= Q(Exists(running.filter(ends_at__lt=limit)))
    return found


def count_days_to_end(moment: Moment) -> Combinable:
    first = packages_ending(moment).order_by("ends_at").values("ends_at")[:1]
    left = ExpressionWrapper(Subquery(first) - Value(moment.now), output_field=DurationField())
    return Cast(Floor(Extract(left, "epoch") / 86_400), IntegerField())


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
    FlagTrait(
        code="has_package",
        topic=Topic.MONEY,
        label=_("Has a package in use"),
        hint=_("Sold, not used up, not expired; a frozen one counts."),
        holds=lambda moment: Q(Exists(packages_in_use(moment))),
    ),
    NumberTrait(
        code="package_sessions",
        topic=Topic.MONEY,
        label=_("Sessions left in packages"),
        most=MOST_SESSIONS,
        within=holds_sessions,
        number=count_sessions,
    ),
    NumberTrait(
        code="package_days",
        topic=Topic.MONEY,
        label=_("Days until a package ends"),
        hint=_("Of the one that ends first; a frozen one does not count."),
        most=MOST_DAYS,
        within=ends_within,
        number=count_days_to_end,
        unknown=lambda moment: ~Q(Exists(packages_ending(moment))),
        unknown_label=_("no package whose term runs"),
    ),
)
