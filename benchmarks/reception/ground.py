"""A clinic of a given size to storm: doctors on shift, fewer rooms than doctors, patients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from clinic.models import Branch, Device, Employee, Room, Service, Shift
from clinic.names import fold
from patients.models import ContactPoint, Patient

OPENS, HOURS = time(9), 10
LASTS = timedelta(minutes=30)
CELLS = 2 * HOURS
"""Visits after one another in a doctor's day."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """`cells` are the half hours of a day in which visits begin."""

    doctors: int
    rooms: int
    patients: int
    days: int
    cells: int = CELLS


@dataclass(frozen=True, kw_only=True)
class Ground:
    """`visit_id` needs a room and takes half an hour; `scan_id` a device for two and a buffer.

    `days` are the moments at which the days begin, `cells` the half hours in which visits do.
    """

    branch_id: int
    visit_id: int
    scan_id: int
    employee_ids: Sequence[int]
    patient_ids: Sequence[int]
    days: Sequence[datetime]
    cells: int


def lay_out(size: Size, *, first_on: date, now: datetime) -> Ground:
    branch = Branch.objects.create(
        name="Storm", city="Storm", time_zone="UTC", opens_at=time(8), closes_at=time(20)
    )
    rooms = [Room.objects.create(branch=branch, name=f"{n + 1}") for n in range(size.rooms)]
    device = Device.objects.create(branch=branch, name="scanner", capacity=2)
    visit = _make_service("Visit", buffer_after=timedelta(0))
    visit.rooms.set(rooms)
    scan = _make_service("Scan", buffer_after=timedelta(minutes=5))
    scan.devices.set([device])
    doctors = Employee.objects.bulk_create(
        Employee(last_name=f"Storm {n}", first_name="A", position="doctor")
        for n in range(size.doctors)
    )
    days = [
        datetime.combine(first_on + timedelta(days=n), OPENS, tzinfo=UTC) for n in range(size.days)
    ]
    for doctor in doctors:
        doctor.branches.set([branch])
        doctor.services.set([visit, scan])
    Shift.objects.bulk_create(
        Shift(employee=doctor, branch=branch, starts_at=day, ends_at=day + timedelta(hours=HOURS))
        for doctor in doctors
        for day in days
    )
    return Ground(
        branch_id=branch.pk,
        visit_id=visit.pk,
        scan_id=scan.pk,
        employee_ids=[doctor.pk for doctor in doctors],
        patient_ids=_make_patients(size.patients, now=now),
        days=days,
        cells=size.cells,
    )


def _make_service(name: str, *, buffer_after: timedelta) -> Service:
    return Service.objects.create(
        name=name,
        kind=Service.Kind.CONSULTATION,
        duration=LASTS,
        price=Decimal(2500),
        buffer_after=buffer_after,
    )


def _make_patients(count: int, *, now: datetime) -> list[int]:
    made = Patient.objects.bulk_create(
        Patient(last_name=f"Storm {n}", first_name="B", name_key=fold(f"Storm {n}"), created_at=now)
        for n in range(count)
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(
            patient=patient, kind=ContactPoint.Kind.PHONE, value=f"+7999{n:07}", is_primary=True
        )
        for n, patient in enumerate(made)
    )
    return [patient.pk for patient in made]
