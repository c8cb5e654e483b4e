from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class PointsChanged(DomainEvent):
    """One business change of a balance; `points` is signed, `kind` a `PointEntry.Kind` code."""

    name: ClassVar[str] = "loyalty.PointsChanged"
    kind: str
    points: int
