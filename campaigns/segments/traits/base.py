"""A trait: one fact about a patient that a rule can ask for."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextChoices
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.segments.moment import Moment
from campaigns.segments.traits.options import Options
from campaigns.segments.values import Choice, Interval

Text = str | Promise
Condition = Callable[[Moment], Q]
Fact = Callable[[Moment], Combinable]
Within = Callable[[Interval[Any], Moment], Q]
Rows = QuerySet[Any]
Names = dict[Choice, str]
"""The labels of the options of one trait."""

NOBODY = Q(pk__in=[])


class Topic(TextChoices):
    PERSON = "PERSON", _("Person")
    CONTACT = "CONTACT", _("Contacts and consents")
    VISITS = "VISITS", _("Visits")
    SERVICES = "SERVICES", _("Services and doctors")
    MONEY = "MONEY", _("Money and points")
    STORY = "STORY", _("Requests, courses, feedback")


class Input(TextChoices):
    """What the user fills in for an operator: the rule builder has a control for each."""

    NONE = "none"
    NUMBER = "number"
    NUMBERS = "numbers"
    DATE = "date"
    DATES = "dates"
    DAYS = "days"
    TEXT = "text"
    CHOICES = "choices"
    ACTIVITY = "activity"
    ACTIVITY_TIMES = "activity_times"


GAP = "…"


@dataclass(frozen=True)
class Operator:
    """A question. `label` stands in the list to choose from, `text` in the rule in words.

    Each `…` stands for a value; values without a place of their own follow.
    """

    code: str
    label: Text
    input: Input
    text: Text = ""

    def say(self, *values: str) -> str:
        """Return the question with its values: "in the last 60 days"."""
        said = str(self.text or self.label)
        placed = min(said.count(GAP), len(values))
        for value in values[:placed]:
            said = said.replace(GAP, value, 1)
        rest = ", ".join(values[placed:])
        return f"{said}{'' if not rest else ', ' if placed else ' '}{rest}"


@dataclass(frozen=True, kw_only=True)
class Trait(ABC):
    """One fact about a patient, the questions it answers, and their SQL.

    Every condition is two-valued: it is true or false of each patient, never unknown, so `not`
    is the exact complement. Unknown facts have operators of their own.
    """

    code: str
    topic: Topic
    label: Text
    hint: Text = ""

    @property
    @abstractmethod
    def operators(self) -> tuple[Operator, ...]: ...

    @abstractmethod
    def read(self, operator: str, raw: Any) -> Any:
        """Return the typed value for an operator of this trait. Raises `WrongValue`."""

    @abstractmethod
    def compile(self, operator: str, value: Any, moment: Moment) -> Q:
        """Return the condition over `Patient`; `value` is what `read` returned."""

    @abstractmethod
    def fact(self, value: Any, moment: Moment) -> Combinable:
        """Return what is true of the patient, as one expression over `Patient`."""

    @abstractmethod
    def say_value(self, value: Any, names: Names) -> tuple[str, ...]:
        """Return the value in words, one for each gap of the operator's label."""

    @abstractmethod
    def say_fact(self, fact: Any, names: Names, moment: Moment) -> str:
        """Return the fact in words."""

    @property
    def options(self) -> Options | None:
        return None

    @property
    def unit(self) -> Text:
        """What stands after a number: ₽, days."""
        return ""

    @property
    def greatest(self) -> int | None:
        """The greatest number that may be asked for."""
        return None

    def chosen(self, value: Any) -> tuple[Choice, ...]:
        """Return the options that a value names."""
        return ()

    def say(self, operator: str, value: Any, names: Names) -> str:
        """Return the condition in words: "Last visit: more than 60 days ago"."""
        known = self.find_operator(operator)
        question = known.say(*self.say_value(value, names)) if known else operator
        return f"{self.label}: {question}"

    def find_operator(self, code: str) -> Operator | None:
        return next((known for known in self.operators if known.code == code), None)
