from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class EntryFact(DomainEvent):
    """What every fact about an entry of the waiting list carries."""

    name: ClassVar[str] = "waitlist.EntryFact"
    patient_id: int
    entry_id: int


@dataclass(frozen=True, kw_only=True)
class WaitBegan(EntryFact):
    name: ClassVar[str] = "waitlist.WaitBegan"


@dataclass(frozen=True, kw_only=True)
class WaitChanged(EntryFact):
    """What the patient waits for was changed."""

    name: ClassVar[str] = "waitlist.WaitChanged"


@dataclass(frozen=True, kw_only=True)
class WaitEnded(EntryFact):
    """`status` is an `EntryStatus`; `reason` an `EndReason` for whoever was taken off by hand."""

    name: ClassVar[str] = "waitlist.WaitEnded"
    status: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class WaitResumed(EntryFact):
    name: ClassVar[str] = "waitlist.WaitResumed"


@dataclass(frozen=True, kw_only=True)
class OfferFact(EntryFact):
    """What every fact about an offer carries."""

    name: ClassVar[str] = "waitlist.OfferFact"
    offer_id: int


@dataclass(frozen=True, kw_only=True)
class OfferMade(OfferFact):
    """A freed time is held for the patient."""

    name: ClassVar[str] = "waitlist.OfferMade"


@dataclass(frozen=True, kw_only=True)
class OfferAccepted(OfferFact):
    """`moved` says that the appointment stood already and came forward."""

    name: ClassVar[str] = "waitlist.OfferAccepted"
    appointment_id: int
    moved: bool
    by_patient: bool


@dataclass(frozen=True, kw_only=True)
class OfferClosed(OfferFact):
    """The offer ended without a booking; `status` is an `OfferStatus`."""

    name: ClassVar[str] = "waitlist.OfferClosed"
    status: str
    by_patient: bool = False
