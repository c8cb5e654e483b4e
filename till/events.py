from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class TillFact(DomainEvent):
    """What every fact about the drawer of a branch carries; it is about no patient."""

    name: ClassVar[str] = "till.TillFact"
    patient_id: None = None
    branch_id: int
    shift_id: int


@dataclass(frozen=True, kw_only=True)
class TillOpened(TillFact):
    """`opening` is roubles as a decimal string."""

    name: ClassVar[str] = "till.TillOpened"
    opening: str


@dataclass(frozen=True, kw_only=True)
class TillClosed(TillFact):
    """`counted` lay there, `expected` should have; roubles as decimal strings."""

    name: ClassVar[str] = "till.TillClosed"
    counted: str
    expected: str
