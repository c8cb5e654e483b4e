"""Which packages may pay for what, and which have."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from appointments.models import Appointment
from packages.models import USABLE, EntryKind, Package, PackageEntry, PackagePrice
from patients.models import Relation


class Rendered(Protocol):
    """So many of a service: a line of a bill."""

    @property
    def service_id(self) -> int: ...
    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Cover:
    """Which lines of a bill packages pay: line number → package id, lines counted from 0.

    `code` is what somebody showed who is neither the owner nor of his family.
    """

    packages: Mapping[int, int] = field(default_factory=dict)
    code: str = ""


def list_usable(*, patient_id: int, now: datetime, code: str = "") -> QuerySet[Package]:
    """Return the packages that the patient may use now, the ones to use first.

    His own, those that a relative shares with the family, and the bearer package of the `code`.
    His own come first, then what ends first; what has not begun yet comes last.
    """
    family = Relation.objects.filter(patient=patient_id).values("relative")
    theirs = Q(patient=patient_id) | Q(is_family=True, patient__in=family)
    if code:
        theirs |= Q(is_bearer=True, code=code)
    in_term = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    is_own = ExpressionWrapper(Q(patient=patient_id), output_field=BooleanField())
    return (
        Package.objects.filter(theirs, in_term, status__in=USABLE)
        .annotate(is_own=is_own)
        .select_related("branch", "patient")
        .order_by("-is_own", F("ends_at").asc(nulls_last=True), "pk")
    )


def list_debits(*, appointment_id: int) -> QuerySet[PackageEntry]:
    """Return the sessions that the visit has used and not given back, the first first."""
    debits = PackageEntry.objects.filter(
        visit__appointment=appointment_id, kind=EntryKind.DEBIT, undone_by__isnull=True
    )
    return debits.order_by("pk")


def suggest_cover(
    *, appointment: Appointment, lines: Sequence[Rendered], now: datetime, code: str = ""
) -> Cover:
    """Return which packages should pay which lines, each whole: who pays now goes on paying."""
    left = _Sessions()
    for debit in list_debits(appointment_id=appointment.pk):
        left.add_debit(debit)
    usable = list_usable(patient_id=appointment.patient_id, code=code, now=now)
    left.add_packages(list(usable.values_list("pk", flat=True)))
    chosen: dict[int, int] = {}
    for number, line in enumerate(lines):
        package_id = left.take(line)
        if package_id is not None:
            chosen[number] = package_id
    return Cover(packages=chosen, code=code)


class _Sessions:
    """What is left for the lines: sessions debited already, then balances, best first."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.debited: Counter[tuple[int, int]] = Counter()
        self.balances: dict[int, int] = {}
        self.parts: dict[tuple[int, int], list[int]] = {}

    def add_debit(self, debit: PackageEntry) -> None:
        self.debited[debit.package_id, debit.service_id or 0] += 1
        if debit.package_id not in self.order:
            self.order.append(debit.package_id)

    def add_packages(self, package_ids: Sequence[int]) -> None:
        self.order += [number for number in package_ids if number not in self.order]
        prices = PackagePrice.objects.filter(part__package__in=package_ids)
        for price in prices.select_related("part").order_by("part__position"):
            paid_by = (price.part.package_id, price.service_id)
            self.parts.setdefault(paid_by, []).append(price.part_id)
            self.balances[price.part_id] = price.part.balance

    def take(self, line: Rendered) -> int | None:
        """Return the package that pays the whole line, its sessions taken; None if none does."""
        for package_id in self.order:
            paid_by = (package_id, line.service_id)
            already = min(self.debited[paid_by], line.quantity)
            parts = self.parts.get(paid_by, [])
            if already + sum(self.balances[part] for part in parts) < line.quantity:
                continue
            self.debited[paid_by] -= already
            wanted = line.quantity - already
            for part in parts:
                taken = min(self.balances[part], wanted)
                self.balances[part] -= taken
                wanted -= taken
            return package_id
        return None
