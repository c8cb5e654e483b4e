"""Facts about the clinic's own working hours. They are about no one patient."""

from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ScheduleFact(DomainEvent):
    """Whose hours, and from when until when: ISO times in UTC as they stand after the fact."""

    name: ClassVar[str] = "clinic.ScheduleFact"
    employee_id: int
    starts_at: str
    ends_at: str


@dataclass(frozen=True, kw_only=True)
class ShiftFact(ScheduleFact):
    name: ClassVar[str] = "clinic.ShiftFact"
    shift_id: int
    branch_id: int


@dataclass(frozen=True, kw_only=True)
class ShiftAdded(ShiftFact):
    name: ClassVar[str] = "clinic.ShiftAdded"


@dataclass(frozen=True, kw_only=True)
class ShiftChanged(ShiftFact):
    name: ClassVar[str] = "clinic.ShiftChanged"


@dataclass(frozen=True, kw_only=True)
class ShiftRemoved(ShiftFact):
    """The hours are those that the shift had."""

    name: ClassVar[str] = "clinic.ShiftRemoved"


@dataclass(frozen=True, kw_only=True)
class TimeOffFact(ScheduleFact):
    """`kind` is a `TimeOffKind`."""

    name: ClassVar[str] = "clinic.TimeOffFact"
    time_off_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class TimeOffAdded(TimeOffFact):
    name: ClassVar[str] = "clinic.TimeOffAdded"


@dataclass(frozen=True, kw_only=True)
class TimeOffChanged(TimeOffFact):
    name: ClassVar[str] = "clinic.TimeOffChanged"


@dataclass(frozen=True, kw_only=True)
class TimeOffRemoved(TimeOffFact):
    """The hours are those that the absence had."""

    name: ClassVar[str] = "clinic.TimeOffRemoved"


@dataclass(frozen=True, kw_only=True)
class ShiftsFilled(ScheduleFact):
    """Shifts of a period were filled in from the rotation or copied; how many came and went."""

    name: ClassVar[str] = "clinic.ShiftsFilled"
    branch_id: int
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class BranchDayDecided(DomainEvent):
    """`kind` is a `BranchDayKind`, empty when the decision was taken back; `on` is an ISO date."""

    name: ClassVar[str] = "clinic.BranchDayDecided"
    branch_id: int
    on: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class ClosureFact(DomainEvent):
    """A room or a device (the other id is None), and when: ISO times in UTC after the fact."""

    name: ClassVar[str] = "clinic.ClosureFact"
    closure_id: int
    room_id: int | None
    device_id: int | None
    starts_at: str
    ends_at: str


@dataclass(frozen=True, kw_only=True)
class PlaceClosed(ClosureFact):
    name: ClassVar[str] = "clinic.PlaceClosed"


@dataclass(frozen=True, kw_only=True)
class ClosureChanged(ClosureFact):
    name: ClassVar[str] = "clinic.ClosureChanged"


@dataclass(frozen=True, kw_only=True)
class ClosureRemoved(ClosureFact):
    """The period is the one that the closure had."""

    name: ClassVar[str] = "clinic.ClosureRemoved"
