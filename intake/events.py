from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class RequestReceived(DomainEvent):
    name: ClassVar[str] = "intake.RequestReceived"
    request_id: int


@dataclass(frozen=True, kw_only=True)
class RequestBooked(DomainEvent):
    name: ClassVar[str] = "intake.RequestBooked"
    request_id: int
    appointment_id: int


@dataclass(frozen=True, kw_only=True)
class RequestLost(DomainEvent):
    name: ClassVar[str] = "intake.RequestLost"
    request_id: int
    reason: str
