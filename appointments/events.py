from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AppointmentFact(DomainEvent):
    """What every fact about an appointment carries."""

    name: ClassVar[str] = "appointments.AppointmentFact"
    patient_id: int
    appointment_id: int


@dataclass(frozen=True, kw_only=True)
class AppointmentBooked(AppointmentFact):
    name: ClassVar[str] = "appointments.AppointmentBooked"


@dataclass(frozen=True, kw_only=True)
class AppointmentMoved(AppointmentFact):
    """`from_start`, `from_end` and `to_start` are ISO times in UTC; an undo needs the rest."""

    name: ClassVar[str] = "appointments.AppointmentMoved"
    from_start: str
    to_start: str
    from_employee_id: int | None = None
    to_employee_id: int | None = None
    was_confirmed: bool = False
    from_end: str = ""
    by_patient: bool = False


@dataclass(frozen=True, kw_only=True)
class AppointmentConfirmed(AppointmentFact):
    name: ClassVar[str] = "appointments.AppointmentConfirmed"
    by_patient: bool


@dataclass(frozen=True, kw_only=True)
class MoveAsked(AppointmentFact):
    """The patient asked by the link to move the visit."""

    name: ClassVar[str] = "appointments.MoveAsked"


@dataclass(frozen=True, kw_only=True)
class AppointmentCancelled(AppointmentFact):
    name: ClassVar[str] = "appointments.AppointmentCancelled"
    reason: str
    by_patient: bool


@dataclass(frozen=True, kw_only=True)
class AppointmentRestored(AppointmentFact):
    """A cancellation or a no-show was undone, or an arrival taken back."""

    name: ClassVar[str] = "appointments.AppointmentRestored"


@dataclass(frozen=True, kw_only=True)
class AppointmentMissed(AppointmentFact):
    """The patient did not come."""

    name: ClassVar[str] = "appointments.AppointmentMissed"


@dataclass(frozen=True, kw_only=True)
class PatientArrived(AppointmentFact):
    name: ClassVar[str] = "appointments.PatientArrived"


@dataclass(frozen=True, kw_only=True)
class PatientCalled(AppointmentFact):
    """The patient was asked in."""

    name: ClassVar[str] = "appointments.PatientCalled"


@dataclass(frozen=True, kw_only=True)
class DelayTold(AppointmentFact):
    """The patient was written that his visit begins about so many minutes late."""

    name: ClassVar[str] = "appointments.DelayTold"
    minutes: int


@dataclass(frozen=True, kw_only=True)
class VisitStarted(AppointmentFact):
    name: ClassVar[str] = "appointments.VisitStarted"


@dataclass(frozen=True, kw_only=True)
class VisitFinished(AppointmentFact):
    name: ClassVar[str] = "appointments.VisitFinished"


@dataclass(frozen=True, kw_only=True)
class VisitReopened(AppointmentFact):
    """A finish by mistake was undone: the visit goes on."""

    name: ClassVar[str] = "appointments.VisitReopened"


@dataclass(frozen=True, kw_only=True)
class BillChanged(AppointmentFact):
    """The lines of a bill were rewritten; `total` is roubles as a decimal string."""

    name: ClassVar[str] = "appointments.BillChanged"
    total: str


@dataclass(frozen=True, kw_only=True)
class PaymentTaken(AppointmentFact):
    """`amount` is roubles as a decimal string; `method` a `PaymentMethod` code."""

    name: ClassVar[str] = "appointments.PaymentTaken"
    payment_id: int
    method: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(AppointmentFact):
    """`payment_id` is the row of the refund, `amount` the positive sum given back."""

    name: ClassVar[str] = "appointments.PaymentRefunded"
    payment_id: int
    method: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class PrepaymentTaken(AppointmentFact):
    """Money was taken ahead for the booking: `amount` roubles as a decimal string."""

    name: ClassVar[str] = "appointments.PrepaymentTaken"
    method: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class PrepaymentReturned(AppointmentFact):
    """It went back, or a part of it."""

    name: ClassVar[str] = "appointments.PrepaymentReturned"
    method: str
    amount: str
