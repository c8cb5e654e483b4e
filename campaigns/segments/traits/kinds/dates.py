"""When it was, and when it comes round again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    F,
    Q,
)
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from campaigns.segments import values
from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import Input, Names, Operator, Text, Trait
from campaigns.segments.values import Interval, say_interval
from clinic.formats import format_day, format_number

YEAR_AT_MOST = 366


@dataclass(frozen=True, kw_only=True)
class DateTrait(Trait):
    """A day of the past; `column` is a date, or a moment read in the zone of the installation."""

    column: str
    never_label: Text = ""

    @property
    def greatest(self) -> int:
        return values.MOST_DAYS

    @property
    def operators(self) -> tuple[Operator, ...]:
        compare = (
            Operator("last_days", gettext_lazy("in the last … days"), Input.DAYS),
            Operator("older_days", gettext_lazy("more than … days ago"), Input.DAYS),
            Operator("since", gettext_lazy("not earlier than"), Input.DATE),
            Operator("before", pgettext_lazy("segment", "before"), Input.DATE),
            Operator("between", gettext_lazy("from … to …"), Input.DATES),
        )
        if not self.never_label:
            return compare
        return (*compare, Operator("never", self.never_label, Input.NONE))

    def read(self, operator: str, raw: Any) -> Any:
        match operator:
            case "never":
                values.read_nothing(raw)
                return None
            case "between":
                return values.read_interval(raw, values.read_date)
            case "last_days" | "older_days":
                return values.read_days(raw)
            case _:
                return values.read_date(raw)

    def compile(self, operator: str, value: Any, moment: Moment) -> Q:
        match operator:
            case "never":
                return Q((f"{self.column}__isnull", True))
            case "last_days":
                return self._within(moment.days_ago(value), moment.today, moment)
            case "older_days":
                return self._within(None, moment.days_ago(value + 1), moment)
            case "since":
                return self._within(value, None, moment)
            case "before":
                return self._within(None, value - timedelta(days=1), moment)
            case _:
                return self._within(value.low, value.high, moment)

    def _within(self, first: date | None, last: date | None, moment: Moment) -> Q:
        """Both days belong to it."""
        found = Q((f"{self.column}__isnull", False))
        if first is not None:
            found &= Q((f"{self.column}__gte", moment.start_of(first)))
        if last is not None:
            found &= Q((f"{self.column}__lt", moment.start_of(last + timedelta(days=1))))
        return found

    def fact(self, value: Any, moment: Moment) -> Combinable:
        return F(self.column)

    def say_value(self, value: Any, names: Names) -> tuple[str, ...]:
        match value:
            case None:
                return ()
            case int():
                return (format_number(value),)
            case Interval():
                return say_interval(value, format_day)
            case _:
                return (format_day(value),)

    def say_fact(self, fact: datetime | None, names: Names, moment: Moment) -> str:
        return str(self.never_label) if fact is None else format_day(moment.local_date(fact))


@dataclass(frozen=True, kw_only=True)
class AheadTrait(Trait):
    """Something that comes back every year: is it within N days from today, today included?"""

    ahead: Callable[[int, Moment], Q]
    column: str

    @property
    def greatest(self) -> int:
        return YEAR_AT_MOST

    @property
    def operators(self) -> tuple[Operator, ...]:
        return (
            Operator("within", gettext_lazy("within the next … days"), Input.DAYS),
            Operator("not_within", gettext_lazy("not within the next … days"), Input.DAYS),
        )

    def read(self, operator: str, raw: Any) -> int:
        return values.read_whole(raw, least=0, most=self.greatest)

    def compile(self, operator: str, value: int, moment: Moment) -> Q:
        found = self.ahead(value, moment)
        return found if operator == "within" else ~found

    def fact(self, value: Any, moment: Moment) -> Combinable:
        return F(self.column)

    def say_value(self, value: int, names: Names) -> tuple[str, ...]:
        return (format_number(value),)

    def say_fact(self, fact: date | None, names: Names, moment: Moment) -> str:
        return pgettext("segment", "not set") if fact is None else format_day(fact)
