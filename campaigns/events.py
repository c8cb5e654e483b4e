from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class RunStarted(DomainEvent):
    name: ClassVar[str] = "campaigns.RunStarted"
    run_id: int


@dataclass(frozen=True, kw_only=True)
class RunLeft(DomainEvent):
    """The patient left the scenario before its end; `reason` is a code (`booked`)."""

    name: ClassVar[str] = "campaigns.RunLeft"
    run_id: int
    reason: str
