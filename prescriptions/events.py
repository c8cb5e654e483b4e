from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CoursePrescribed(DomainEvent):
    name: ClassVar[str] = "prescriptions.CoursePrescribed"
    patient_id: int
    prescription_id: int


@dataclass(frozen=True, kw_only=True)
class LineFact(DomainEvent):
    """What every fact about one line of a course carries."""

    name: ClassVar[str] = "prescriptions.LineFact"
    patient_id: int
    line_id: int


@dataclass(frozen=True, kw_only=True)
class LineHandedOver(LineFact):
    name: ClassVar[str] = "prescriptions.LineHandedOver"


@dataclass(frozen=True, kw_only=True)
class SessionBooked(LineFact):
    name: ClassVar[str] = "prescriptions.SessionBooked"
    appointment_id: int


@dataclass(frozen=True, kw_only=True)
class LineFinished(LineFact):
    name: ClassVar[str] = "prescriptions.LineFinished"


@dataclass(frozen=True, kw_only=True)
class LineDropped(LineFact):
    name: ClassVar[str] = "prescriptions.LineDropped"
    reason: str


@dataclass(frozen=True, kw_only=True)
class LineReopened(LineFact):
    """A dropping was undone."""

    name: ClassVar[str] = "prescriptions.LineReopened"
