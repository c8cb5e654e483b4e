from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class MessageSent(DomainEvent):
    name: ClassVar[str] = "messaging.MessageSent"
    message_id: int


@dataclass(frozen=True, kw_only=True)
class MessageDelivered(DomainEvent):
    """The gateway says that it reached the phone."""

    name: ClassVar[str] = "messaging.MessageDelivered"
    message_id: int


@dataclass(frozen=True, kw_only=True)
class MessageNotSent(DomainEvent):
    """`reason` is the code of the guard's refusal or of the gateway's."""

    name: ClassVar[str] = "messaging.MessageNotSent"
    message_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChannelPaused(DomainEvent):
    """The gateway takes nothing: no money, wrong password."""

    name: ClassVar[str] = "messaging.ChannelPaused"
    channel: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChannelResumed(DomainEvent):
    name: ClassVar[str] = "messaging.ChannelResumed"
    channel: str
