from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class PatientAdded(DomainEvent):
    name: ClassVar[str] = "patients.PatientAdded"


@dataclass(frozen=True, kw_only=True)
class PatientChanged(DomainEvent):
    """`fields` are the names of what changed, never the values."""

    name: ClassVar[str] = "patients.PatientChanged"
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(DomainEvent):
    name: ClassVar[str] = "patients.ConsentGiven"
    purpose: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(DomainEvent):
    name: ClassVar[str] = "patients.ConsentWithdrawn"
    purpose: str
    channel: str
