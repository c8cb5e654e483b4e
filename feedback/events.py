from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class VisitReviewed(DomainEvent):
    name: ClassVar[str] = "feedback.VisitReviewed"
    answer_id: int
    score: int


@dataclass(frozen=True, kw_only=True)
class CaseOpened(DomainEvent):
    name: ClassVar[str] = "feedback.CaseOpened"
    case_id: int


@dataclass(frozen=True, kw_only=True)
class CaseResolved(DomainEvent):
    name: ClassVar[str] = "feedback.CaseResolved"
    case_id: int
