"""What the sender asks of a gateway, and how it understands the answers.

A gateway never raises for what went wrong outside: each call ends in an `Outcome`. What matters is
whether the text may have been accepted. A definite "no" can be tried again; an unclear end is only
tried again once the gateway was asked, and a gateway that can't be asked (SMTP) is of class C:
see `docs/messaging.md`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from messaging.letters import Letter
from patients.models import Channel


class Result(Enum):
    ACCEPTED = auto()
    REJECTED = auto()
    """For good: a wrong number, a forbidden text."""
    NOT_NOW = auto()
    """Surely not accepted; worth another try."""
    UNCLEAR = auto()
    """Perhaps accepted: the line broke, the answer made no sense."""
    NOT_TRIED = auto()
    """The gateway was not called at all."""
    FOUND = auto()
    """Asked after an unclear end, the gateway knows the message."""
    NOT_FOUND = auto()
    """Asked after an unclear end, the gateway never heard of it."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`reason` is one of `messaging.reasons`; `retry_after` is what the gateway asked for.

    `stops_channel`: nothing else will pass either (no money, wrong password), so the channel
    waits and the message loses no attempt.
    """

    result: Result
    reason: str = ""
    provider_id: str = ""
    retry_after: timedelta = timedelta(0)
    stops_channel: bool = False


class Delivery(Enum):
    """What became of an accepted message."""

    ON_THE_WAY = auto()
    DELIVERED = auto()
    FAILED = auto()


@dataclass(frozen=True, kw_only=True)
class Status:
    """The gateway's word on a message it accepted; `reason` says why one failed."""

    delivery: Delivery
    reason: str = ""
    provider_id: str = ""


class GatewaySilent(Exception):
    """A question to the gateway brought no usable answer. Nothing is known."""


class Gateway(ABC):
    """`batch`: how many messages one claim takes. `threads`: how many calls run at once."""

    channel: Channel
    batch: int
    threads: int

    @abstractmethod
    def send(self, letter: Letter) -> Outcome:
        """Hand the letter over. Called with no transaction open, from any thread."""

    @abstractmethod
    def close(self) -> None:
        """Give up kept connections; the next call opens them again."""


class AskableGateway(Gateway):
    """Class A or B: it can be asked what became of a message, by our id or by its own."""

    @abstractmethod
    def list_statuses(self, letters: Sequence[Letter]) -> Mapping[int, Status]:
        """Return the status by our id; a message never accepted is absent.

        Raises `GatewaySilent`.
        """
