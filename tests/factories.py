"""Smallest valid rows for tests. Keyword arguments override any field.

Clock times are those of the branch. `make_clinic` is where most tests start: one branch, rooms,
one service, one doctor on shift from nine to six on `DAY`, one patient.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from appointments.models import Appointment
from clinic.models import Branch, Device, Employee, Role, Room, Service, Shift, TimeOff, User
from clinic.names import fold
from patients.models import ContactPoint, Patient, Source

DAY = date(2026, 12, 1)  # a Tuesday

_numbers = count(1)


def make_branch(**fields: Any) -> Branch:
    defaults = {
        "name": f"Branch {next(_numbers)}",
        "city": "Москва",
        "address": "ул. Ленина, 5",
        "phone": "+74951234567",
        "time_zone": "Europe/Moscow",
        "opens_at": time(8),
        "closes_at": time(21),
    }
    return Branch.objects.create(**defaults | fields)


def make_user(username: str, role: Role | None = None, **fields: Any) -> User:
    return User.objects.create_user(username, password=username, role=role or "", **fields)


def make_employee(user: User | None = None, **fields: Any) -> Employee:
    """An employee at `branches` with `services` (lists), none unless given."""
    branches, services = fields.pop("branches", []), fields.pop("services", [])
    defaults = {
        "last_name": f"Иванов {next(_numbers)}",
        "first_name": "Иван",
        "position": "врач",
        "user": user,
    }
    employee = Employee.objects.create(**defaults | fields)
    employee.branches.set(branches)
    employee.services.set(services)
    return employee


def make_room(branch: Branch, **fields: Any) -> Room:
    return Room.objects.create(**{"branch": branch, "name": f"Room {next(_numbers)}"} | fields)


def make_device(branch: Branch, **fields: Any) -> Device:
    return Device.objects.create(**{"branch": branch, "name": f"Device {next(_numbers)}"} | fields)


def make_service(**fields: Any) -> Service:
    """A half-hour consultation in one of `rooms` (a list); without them it needs none."""
    rooms = fields.pop("rooms", [])
    defaults = {
        "name": f"Service {next(_numbers)}",
        "kind": Service.Kind.CONSULTATION,
        "duration": timedelta(minutes=30),
        "price": Decimal("2500.00"),
    }
    service = Service.objects.create(**defaults | fields)
    service.rooms.set(rooms)
    return service


def at(branch: Branch, clock: str, on: date = DAY) -> datetime:
    """When the branch's clock shows `clock` ("10:30") on that day, in UTC."""
    local = datetime.combine(on, time.fromisoformat(clock), tzinfo=branch.zone)
    return local.astimezone(UTC)


def make_shift(
    employee: Employee, branch: Branch, starts: str = "09:00", ends: str = "18:00", on: date = DAY
) -> Shift:
    return Shift.objects.create(
        employee=employee,
        branch=branch,
        starts_at=at(branch, starts, on),
        ends_at=at(branch, ends, on),
    )


def make_time_off(
    employee: Employee, branch: Branch, starts: str, ends: str, on: date = DAY, **fields: Any
) -> TimeOff:
    defaults = {
        "employee": employee,
        "kind": TimeOff.Kind.BREAK,
        "starts_at": at(branch, starts, on),
        "ends_at": at(branch, ends, on),
    }
    return TimeOff.objects.create(**defaults | fields)


def make_source(**fields: Any) -> Source:
    number = next(_numbers)
    defaults = {"code": f"source-{number}", "name": f"Source {number}"}
    return Source.objects.create(**defaults | fields)


def make_patient(**fields: Any) -> Patient:
    """A patient whose main contacts are `phone` (E.164) and `email`, none unless given."""
    contacts = {
        ContactPoint.Kind.PHONE: fields.pop("phone", ""),
        ContactPoint.Kind.EMAIL: fields.pop("email", ""),
    }
    defaults = {
        "last_name": f"Петрова {next(_numbers)}",
        "first_name": "Анна",
        "middle_name": "Сергеевна",
        "birth_on": date(1988, 4, 12),
        "created_at": datetime(2026, 1, 10, 9, tzinfo=UTC),
    }
    patient = Patient(**defaults | fields)
    patient.name_key = fold(patient.full_name)
    patient.save()
    ContactPoint.objects.bulk_create(
        ContactPoint(patient=patient, kind=kind, value=value, is_primary=True)
        for kind, value in contacts.items()
        if value
    )
    return patient


@dataclass(frozen=True)
class Clinic:
    """What `make_clinic` made."""

    branch: Branch
    rooms: list[Room]
    service: Service
    doctor: Employee
    patient: Patient

    def at(self, clock: str, on: date = DAY) -> datetime:
        return at(self.branch, clock, on)


def make_clinic(*, rooms: int = 2, branch: Branch | None = None, **service: Any) -> Clinic:
    """A doctor on shift at a branch with a service that needs one of `rooms` rooms; a patient."""
    branch = branch or make_branch()
    made = [make_room(branch) for _ in range(rooms)]
    offered = make_service(**{"rooms": made} | service)
    doctor = make_employee(branches=[branch], services=[offered])
    make_shift(doctor, branch)
    return Clinic(branch, made, offered, doctor, make_patient(phone="+79161234567"))


def make_appointment(clinic: Clinic, clock: str = "10:00", **fields: Any) -> Appointment:
    """An appointment as it is told, no rule asked but the database's own.

    The day is `on`; the moment `starts_at`, when given, stands for both.
    """
    starts_at = fields.pop("starts_at", None) or clinic.at(clock, fields.pop("on", DAY))
    service: Service = fields.get("service", clinic.service)
    defaults = {
        "patient": clinic.patient,
        "employee": clinic.doctor,
        "branch": clinic.branch,
        "room": clinic.rooms[0] if clinic.rooms else None,
        "service": service,
        "starts_at": starts_at,
        "ends_at": starts_at + service.duration,
        "price": service.price,
        "key": f"appointment-{next(_numbers)}",
        "created_at": datetime(2026, 11, 20, 9, tzinfo=UTC),
    }
    return Appointment.objects.create(**defaults | fields)
