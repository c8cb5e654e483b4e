from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class PackageFact(DomainEvent):
    """What every fact about a package carries; `patient_id` is its owner's."""

    name: ClassVar[str] = "packages.PackageFact"
    patient_id: int
    package_id: int


@dataclass(frozen=True, kw_only=True)
class PackageSold(PackageFact):
    """`amount` is roubles as a decimal string."""

    name: ClassVar[str] = "packages.PackageSold"
    amount: str


@dataclass(frozen=True, kw_only=True)
class PackageDebited(PackageFact):
    """Sessions went for a visit, maybe of somebody else; `left` is what the whole package holds."""

    name: ClassVar[str] = "packages.PackageDebited"
    appointment_id: int
    sessions: int
    left: int


@dataclass(frozen=True, kw_only=True)
class PackageRestored(PackageFact):
    """Sessions came back: the visit was undone, or its bill changed."""

    name: ClassVar[str] = "packages.PackageRestored"
    appointment_id: int
    sessions: int
    left: int


@dataclass(frozen=True, kw_only=True)
class PackageFrozen(PackageFact):
    name: ClassVar[str] = "packages.PackageFrozen"


@dataclass(frozen=True, kw_only=True)
class PackageUnfrozen(PackageFact):
    """`days` is how much the term grew by."""

    name: ClassVar[str] = "packages.PackageUnfrozen"
    days: int


@dataclass(frozen=True, kw_only=True)
class PackageShared(PackageFact):
    """The owner let his family use it, or no longer does."""

    name: ClassVar[str] = "packages.PackageShared"
    is_family: bool


@dataclass(frozen=True, kw_only=True)
class PackageTransferred(PackageFact):
    """`patient_id` gave it away."""

    name: ClassVar[str] = "packages.PackageTransferred"
    to_patient_id: int


@dataclass(frozen=True, kw_only=True)
class PackageRefunded(PackageFact):
    """`amount` went back, roubles as a decimal string; "0" when all was used up in money."""

    name: ClassVar[str] = "packages.PackageRefunded"
    amount: str


@dataclass(frozen=True, kw_only=True)
class PackageExpiring(PackageFact):
    """The end is near: `left` sessions go at `ends_at`, an ISO time."""

    name: ClassVar[str] = "packages.PackageExpiring"
    left: int
    ends_at: str


@dataclass(frozen=True, kw_only=True)
class PackageExpired(PackageFact):
    """The term is over; `sessions` were left."""

    name: ClassVar[str] = "packages.PackageExpired"
    sessions: int
