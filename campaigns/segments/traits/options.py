"""What a trait offers to choose from: fixed codes, rows of a catalogue, or words in a column."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Choices, Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.segments.values import MOST_ID, Choice, WrongValue, read_text, read_whole


@dataclass(frozen=True)
class Option:
    value: Choice
    label: str


class Options(ABC):
    """`read` checks the form of a choice without the database; `load` lists what there is."""

    @abstractmethod
    def read(self, raw: Any) -> Choice: ...

    @abstractmethod
    def load(self) -> list[Option]: ...


class Codes(Options):
    """Fixed codes; the empty one is no choice: for it there are operators of their own."""

    def __init__(self, *choices: tuple[str, str | Promise]) -> None:
        self.labels = dict(choices)

    @classmethod
    def of(cls, choices: type[Choices], *, but: str = "") -> "Codes":
        """Those of a `TextChoices`, one left out that means "none"."""
        return cls(*((code, label) for code, label in choices.choices if code != but))

    def read(self, raw: Any) -> Choice:
        if not isinstance(raw, str) or raw not in self.labels:
            raise WrongValue(_("There is no such choice."))
        return raw

    def load(self) -> list[Option]:
        return [Option(code, str(label)) for code, label in self.labels.items()]


@dataclass(frozen=True)
class Catalogue(Options):
    """Rows of a catalogue in the order of `rows`, chosen by id and shown by their text.

    A row that was retired since stays choosable: a segment of last year must still read well.
    """

    rows: Callable[[], QuerySet[Any]]

    def read(self, raw: Any) -> Choice:
        return read_whole(raw, least=1, most=MOST_ID)

    def load(self) -> list[Option]:
        return [Option(row.pk, self._label(row)) for row in self.rows()]

    def _label(self, row: Model) -> str:
        return str(row) if getattr(row, "is_active", True) else _("%s (not in use)") % row


@dataclass(frozen=True)
class Words(Options):
    """The different values of a text column, alphabetically."""

    values: Callable[[], QuerySet[Any, str]]

    def read(self, raw: Any) -> Choice:
        return read_text(raw)

    def load(self) -> list[Option]:
        return [Option(word, word) for word in self.values()]
