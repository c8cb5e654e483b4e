from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class RequestFact(DomainEvent):
    """What every fact about a request carries; nobody may be recognised in it yet."""

    name: ClassVar[str] = "intake.RequestFact"
    request_id: int


@dataclass(frozen=True, kw_only=True)
class RequestReceived(RequestFact):
    name: ClassVar[str] = "intake.RequestReceived"


@dataclass(frozen=True, kw_only=True)
class RequestTaken(RequestFact):
    """Somebody of reception took it up; the first time is the first answer."""

    name: ClassVar[str] = "intake.RequestTaken"


@dataclass(frozen=True, kw_only=True)
class CallerRecognised(RequestFact):
    """The one who asked turned out to be this patient."""

    name: ClassVar[str] = "intake.CallerRecognised"


@dataclass(frozen=True, kw_only=True)
class RequestBooked(RequestFact):
    name: ClassVar[str] = "intake.RequestBooked"
    appointment_id: int


@dataclass(frozen=True, kw_only=True)
class RequestLost(RequestFact):
    """`reason` is a `LossReason` code."""

    name: ClassVar[str] = "intake.RequestLost"
    reason: str


@dataclass(frozen=True, kw_only=True)
class RequestReopened(RequestFact):
    """A loss was taken back."""

    name: ClassVar[str] = "intake.RequestReopened"


@dataclass(frozen=True, kw_only=True)
class VisitImported(DomainEvent):
    """A visit that took place before this system knew of it. Nothing follows from it."""

    name: ClassVar[str] = "intake.VisitImported"
    appointment_id: int
    import_id: int


@dataclass(frozen=True, kw_only=True)
class ImportFinished(DomainEvent):
    name: ClassVar[str] = "intake.ImportFinished"
    import_id: int


@dataclass(frozen=True, kw_only=True)
class ImportUndone(DomainEvent):
    name: ClassVar[str] = "intake.ImportUndone"
    import_id: int
