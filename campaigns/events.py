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


@dataclass(frozen=True, kw_only=True)
class SegmentCreated(DomainEvent):
    name: ClassVar[str] = "campaigns.SegmentCreated"
    segment_id: int


@dataclass(frozen=True, kw_only=True)
class SegmentChanged(DomainEvent):
    name: ClassVar[str] = "campaigns.SegmentChanged"
    segment_id: int


@dataclass(frozen=True, kw_only=True)
class SegmentArchived(DomainEvent):
    name: ClassVar[str] = "campaigns.SegmentArchived"
    segment_id: int


@dataclass(frozen=True, kw_only=True)
class SegmentRestored(DomainEvent):
    name: ClassVar[str] = "campaigns.SegmentRestored"
    segment_id: int
