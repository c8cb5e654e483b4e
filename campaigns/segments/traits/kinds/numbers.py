"""Yes or no, and how many."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Q,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from campaigns.segments import values
from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import (
    NOBODY,
    Condition,
    Fact,
    Input,
    Names,
    Operator,
    Text,
    Trait,
    Within,
)
from campaigns.segments.values import Interval, say_interval
from clinic.formats import ROUBLE, format_day, format_number, format_roubles


def true_or_false(condition: Q) -> Case:
    """The condition as a column; NULL counts as false, as it does in WHERE."""
    return Case(When(condition, then=Value(value=True)), default=Value(value=False))


@dataclass(frozen=True, kw_only=True)
class FlagTrait(Trait):
    """Yes or no."""

    holds: Condition

    @property
    def operators(self) -> tuple[Operator, ...]:
        return (
            Operator("yes", pgettext_lazy("segment", "yes"), Input.NONE),
            Operator("no", pgettext_lazy("segment", "no"), Input.NONE),
        )

    def read(self, operator: str, raw: Any) -> None:
        values.read_nothing(raw)

    def compile(self, operator: str, value: None, moment: Moment) -> Q:
        return self.holds(moment) if operator == "yes" else ~self.holds(moment)

    def fact(self, value: None, moment: Moment) -> Combinable:
        return true_or_false(self.holds(moment))

    def say_value(self, value: None, names: Names) -> tuple[str, ...]:
        return ()

    def say_fact(self, fact: Any, names: Names, moment: Moment) -> str:
        return pgettext("segment", "yes") if fact else pgettext("segment", "no")


@dataclass(frozen=True, kw_only=True)
class NumberTrait(Trait):
    """A whole number, or roubles where `is_money`. `within` says when it lies in an interval.

    `unknown` holds for those who have no such number at all; they satisfy no comparison.
    """

    within: Within
    number: Fact
    most: int
    is_money: bool = False
    unknown: Condition | None = None
    unknown_label: Text = ""

    @property
    def unit(self) -> Text:
        return ROUBLE if self.is_money else ""

    @property
    def greatest(self) -> int:
        return self.most

    @property
    def operators(self) -> tuple[Operator, ...]:
        compare = (
            Operator("gte", pgettext_lazy("segment", "at least"), Input.NUMBER),
            Operator("lte", pgettext_lazy("segment", "at most"), Input.NUMBER),
            Operator("between", gettext_lazy("from … to …"), Input.NUMBERS),
            Operator("eq", pgettext_lazy("segment", "exactly"), Input.NUMBER),
        )
        if self.unknown is None:
            return compare
        return (*compare, Operator("empty", self.unknown_label, Input.NONE))

    def read(self, operator: str, raw: Any) -> Interval[Any] | None:
        if operator == "empty":
            values.read_nothing(raw)
            return None
        if operator == "between":
            return values.read_interval(raw, self._read_number)
        number = self._read_number(raw)
        return Interval(
            low=None if operator == "lte" else number, high=None if operator == "gte" else number
        )

    def compile(self, operator: str, value: Interval[Any] | None, moment: Moment) -> Q:
        if value is None:
            return self.unknown(moment) if self.unknown else NOBODY
        return self.within(value, moment)

    def fact(self, value: Any, moment: Moment) -> Combinable:
        return self.number(moment)

    def say_value(self, value: Interval[Any] | None, names: Names) -> tuple[str, ...]:
        return () if value is None else say_interval(value, self._say_number)

    def say_fact(self, fact: Any, names: Names, moment: Moment) -> str:
        return str(self.unknown_label) or "0" if fact is None else self._say_number(fact)

    def _read_number(self, raw: Any) -> Any:
        if self.is_money:
            return values.read_money(raw, most=self.most)
        return values.read_whole(raw, least=0, most=self.most)

    def _say_number(self, number: Any) -> str:
        return format_roubles(number) if self.is_money else format_number(number)


@dataclass(frozen=True, kw_only=True)
class AgeTrait(NumberTrait):
    """A number of whole years or days since a date: the fact is the date, said as the number."""

    count: Callable[[date, Moment], int]

    def say_fact(self, fact: Any, names: Names, moment: Moment) -> str:
        if fact is None:
            return str(self.unknown_label)
        day = moment.local_date(fact)
        return f"{format_number(self.count(day, moment))} ({format_day(day)})"
