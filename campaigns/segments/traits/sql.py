"""SQL that several traits share: numbers in a row that the patient may lack."""

from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import Fact, Within
from campaigns.segments.values import Interval

HAS_TOTALS = Q(totals__isnull=False)
"""Says outright what a missing row means: without it a comparison would be unknown, not false."""


def between(column: str, asked: Interval[Any]) -> Q:
    """The column lies in the interval; not so where it is NULL."""
    found = Q()
    if asked.low is not None:
        found &= Q((f"{column}__gte", asked.low))
    if asked.high is not None:
        found &= Q((f"{column}__lte", asked.high))
    return found


def in_totals(column: str) -> Within:
    """A column of `PatientTotals`; whoever has no row there has zeros."""

    def within(asked: Interval[Any], moment: Moment) -> Q:
        found = HAS_TOTALS & between(f"totals__{column}", asked)
        return found | Q(totals__isnull=True) if asked.holds(Decimal(0)) else found

    return within


def total(column: str) -> Fact:
    return lambda moment: F(f"totals__{column}")
