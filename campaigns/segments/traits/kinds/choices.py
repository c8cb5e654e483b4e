"""One of several, some of several, and a line of text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Exists,
    F,
    Q,
)
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from campaigns.segments import values
from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import GAP, NOBODY, Input, Names, Operator, Rows, Trait
from campaigns.segments.traits.options import Options
from campaigns.segments.values import Choice


def say_choices(chosen: tuple[Choice, ...], names: Names) -> str:
    return ", ".join(names.get(choice, _("removed (%s)") % choice) for choice in chosen)


@dataclass(frozen=True, kw_only=True)
class ChoiceTrait(Trait):
    """One value of several. `blank` holds for those who have none; they are in no choice."""

    column: str
    choices: Options
    blank: Q | None = None

    @property
    def options(self) -> Options:
        return self.choices

    @property
    def operators(self) -> tuple[Operator, ...]:
        choose = (
            Operator("in", gettext_lazy("is one of"), Input.CHOICES, text=GAP),
            Operator("not_in", gettext_lazy("is none of"), Input.CHOICES),
        )
        if self.blank is None:
            return choose
        return (
            *choose,
            Operator("empty", gettext_lazy("is not set"), Input.NONE),
            Operator("filled", gettext_lazy("is set"), Input.NONE),
        )

    def read(self, operator: str, raw: Any) -> tuple[Choice, ...] | None:
        if operator in {"empty", "filled"}:
            values.read_nothing(raw)
            return None
        return values.read_choices(raw, self.choices.read)

    def compile(self, operator: str, value: Any, moment: Moment) -> Q:
        blank = self.blank or NOBODY
        match operator:
            case "empty":
                return blank
            case "filled":
                return ~blank
        chosen = ~blank & Q((f"{self.column}__in", value))
        return chosen if operator == "in" else ~chosen

    def chosen(self, value: tuple[Choice, ...] | None) -> tuple[Choice, ...]:
        return value or ()

    def fact(self, value: Any, moment: Moment) -> Combinable:
        return F(self.column)

    def say_value(self, value: tuple[Choice, ...] | None, names: Names) -> tuple[str, ...]:
        return () if value is None else (say_choices(value, names),)

    def say_fact(self, fact: Any, names: Names, moment: Moment) -> str:
        return names.get(fact) or pgettext("segment", "not set")


@dataclass(frozen=True, kw_only=True)
class SetTrait(Trait):
    """Several values at once. `rows` has one row per value the patient has, named by `column`."""

    rows: Callable[[Moment], Rows]
    column: str
    choices: Options

    @property
    def options(self) -> Options:
        return self.choices

    @property
    def operators(self) -> tuple[Operator, ...]:
        return (
            Operator("any", gettext_lazy("for at least one of"), Input.CHOICES),
            Operator("all", gettext_lazy("for every one of"), Input.CHOICES),
            Operator("none", gettext_lazy("for none of"), Input.CHOICES),
        )

    def read(self, operator: str, raw: Any) -> tuple[Choice, ...]:
        return values.read_choices(raw, self.choices.read)

    def compile(self, operator: str, value: tuple[Choice, ...], moment: Moment) -> Q:
        if operator == "all":
            each = [Q(self._has((choice,), moment)) for choice in value]
            return Q(*each)
        found = Q(self._has(value, moment))
        return found if operator == "any" else ~found

    def _has(self, value: tuple[Choice, ...], moment: Moment) -> Exists:
        return Exists(self.rows(moment).filter((f"{self.column}__in", value)))

    def chosen(self, value: tuple[Choice, ...]) -> tuple[Choice, ...]:
        return value

    def fact(self, value: Any, moment: Moment) -> Combinable:
        return ArraySubquery(self.rows(moment).order_by(self.column).values(self.column))

    def say_value(self, value: tuple[Choice, ...], names: Names) -> tuple[str, ...]:
        return (say_choices(value, names),)

    def say_fact(self, fact: Any, names: Names, moment: Moment) -> str:
        return say_choices(fact, names) if fact else pgettext("segment", "none")


@dataclass(frozen=True, kw_only=True)
class TextTrait(Trait):
    """A line of text, possibly empty; large and small letters are the same."""

    column: str

    @property
    def operators(self) -> tuple[Operator, ...]:
        return (
            Operator("contains", gettext_lazy("contains"), Input.TEXT),
            Operator("not_contains", gettext_lazy("does not contain"), Input.TEXT),
            Operator("empty", gettext_lazy("is empty"), Input.NONE),
            Operator("filled", gettext_lazy("is not empty"), Input.NONE),
        )

    def read(self, operator: str, raw: Any) -> str | None:
        if operator in {"empty", "filled"}:
            values.read_nothing(raw)
            return None
        return values.read_text(raw)

    def compile(self, operator: str, value: str | None, moment: Moment) -> Q:
        match operator:
            case "empty":
                return Q((self.column, ""))
            case "filled":
                return ~Q((self.column, ""))
        found = Q((f"{self.column}__icontains", value))
        return found if operator == "contains" else ~found

    def fact(self, value: Any, moment: Moment) -> Combinable:
        return F(self.column)

    def say_value(self, value: str | None, names: Names) -> tuple[str, ...]:
        return () if value is None else (_("“%s”") % value,)

    def say_fact(self, fact: Any, names: Names, moment: Moment) -> str:
        return _("“%s”") % fact if fact else pgettext("segment", "not set")
