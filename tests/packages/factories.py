from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import Sum

from appointments.actions import LineInput, finish_visit
from appointments.models import Appointment, Visit
from clinic.models import Service
from packages.actions import (
    Change,
    PartRule,
    SaleOrder,
    TypeRule,
    debit_lines,
    hold_for_visit,
    mark_lines,
    save_type,
    sell_package,
)
from packages.models import Package, PackageEntry, PackagePart, PackageType
from packages.queries import Cover
from tests.factories import Clinic, make_appointment

_numbers = count(1)


def make_type(*services: Service, sessions: int = 3, **terms: Any) -> PackageType:
    """One balance of `sessions` for all the services, 6000 roubles for 30 days."""
    parts = [PartRule(sessions=sessions, service_ids=frozenset(one.pk for one in services))]
    defaults: dict[str, Any] = {
        "name": f"Package {next(_numbers)}",
        "price": Decimal(6000),
        "term_days": 30,
        "parts": parts,
    }
    return save_type(rule=TypeRule(**defaults | terms))


def sell(kind: PackageType, clinic: Clinic, now: datetime, **told: Any) -> Package:
    """Sell to the patient of the clinic for card money."""
    kind.refresh_from_db()
    defaults: dict[str, Any] = {
        "type_id": kind.pk,
        "patient_id": clinic.patient.pk,
        "branch_id": clinic.branch.pk,
        "card": kind.price,
        "key": f"sale-{next(_numbers)}",
    }
    return sell_package(order=SaleOrder(**defaults | told), actor_id=None, now=now)


def book(clinic: Clinic, number: int = 0, **fields: Any) -> Appointment:
    """An appointment of today, half an hour after the one before."""
    clock = f"{9 + number // 2:02}:{30 * (number % 2):02}"
    return make_appointment(clinic, clock, **fields)


def finish_with(
    appointment: Appointment, cover: Cover, *, now: datetime, quantity: int = 1
) -> Visit:
    """Finish the visit with one line, which a package pays. The caller holds a transaction."""
    line = LineInput(service_id=appointment.service_id, quantity=quantity, price=appointment.price)
    held = hold_for_visit(appointment, cover, now=now)
    lines = mark_lines([line], cover)
    visit = finish_visit(appointment_id=appointment.pk, lines=lines, actor_id=None, now=now)
    debit_lines(visit, lines, cover, held=held, change=Change(now=now))
    return visit


def left_of(package: Package) -> int:
    parts = PackagePart.objects.filter(package=package)
    return int(parts.aggregate(total=Sum("balance"))["total"])


def check_ledger(package: Package) -> None:
    """Each balance is the sum of its entries, and nothing went below zero."""
    for part in PackagePart.objects.filter(package=package):
        rows = PackageEntry.objects.filter(part=part)
        assert part.balance == rows.aggregate(total=Sum("sessions"))["total"]
        assert 0 <= part.balance <= part.sessions
