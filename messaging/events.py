from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class MessageSent(DomainEvent):
    name: ClassVar[str] = "messaging.MessageSent"
    message_id: int


@dataclass(frozen=True, kw_only=True)
class MessageNotSent(DomainEvent):
    """`reason` is the code of the guard's refusal or of the gateway's."""

    name: ClassVar[str] = "messaging.MessageNotSent"
    message_id: int
    reason: str
