"""Past visits: whom they were with, what for, and at what hour when the file names only a day."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from appointments.models import Appointment, AppointmentStatus, Visit, VisitLine
from clinic.models import Branch, Employee, Service, ServiceKind
from clinic.names import fold
from intake.models import Import
from intake.records import PastVisit, split_name

USUAL = timedelta(minutes=30)
SHORTEST = timedelta(minutes=5)
INSTANT = timedelta(milliseconds=1)
LAST_RESORT = timedelta(hours=1)
"""The first hour of a day is left to visits for which nothing else of it is free."""

BUSY = """
SELECT 'employee', a.employee_id, a.starts_at, a.ends_at
FROM unnest(%(employees)s::bigint[], %(employee_days)s::timestamptz[]) AS wanted (id, day)
JOIN appointments_appointment a ON a.employee_id = wanted.id
    AND a.starts_at >= wanted.day AND a.starts_at < wanted.day + interval '1 day'
WHERE a.status NOT IN ('CANCELLED', 'NO_SHOW')
UNION ALL
SELECT 'patient', a.patient_id, a.starts_at, a.ends_at
FROM unnest(%(patients)s::bigint[], %(patient_days)s::timestamptz[]) AS wanted (id, day)
JOIN appointments_appointment a ON a.patient_id = wanted.id
    AND a.starts_at >= wanted.day AND a.starts_at < wanted.day + interval '1 day'
WHERE a.status NOT IN ('CANCELLED', 'NO_SHOW')
"""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A visit that a row tells of; `row` is the number of the row."""

    row: int
    patient_id: int
    visit: PastVisit

    def key(self) -> str:
        """The same visit told again, in this file or another, has the same key."""
        visit = self.visit
        facts = (visit.on, visit.at, fold(visit.service), fold(visit.doctor), visit.total)
        text = "|".join(map(str, (self.patient_id, *facts)))
        return f"import:{hashlib.sha256(text.encode()).hexdigest()}"


def add_visits(file: Import, told: Sequence[Told], *, now: datetime) -> dict[int, int]:
    """Add the visits that are not known yet; return appointment ids by row number.

    The money was taken in the former system: a visit counts as paid, no payment row stands
    behind it.
    """
    by_key = {visit.key(): visit for visit in told}
    known = Appointment.objects.filter(key__in=by_key).values_list("key", flat=True)
    new = [(key, by_key[key]) for key in by_key.keys() - set(known)]
    new.sort(key=lambda pair: pair[1].row)
    catalogue = _Catalogue(file)
    places = [(catalogue.employee_id(one.visit.doctor), one) for _key, one in new]
    hours = _Hours(file.branch, places, now=now)
    appointments = [_appointment(file, key, one, catalogue, hours, now=now) for key, one in new]
    Appointment.objects.bulk_create(appointments)
    _add_bills(appointments)
    return {
        one.row: appointment.pk for (_key, one), appointment in zip(new, appointments, strict=True)
    }


def _appointment(
    file: Import, key: str, told: Told, catalogue: "_Catalogue", hours: "_Hours", *, now: datetime
) -> Appointment:
    service = catalogue.service(told.visit.service, told.visit.total)
    employee_id = catalogue.employee_id(told.visit.doctor)
    starts_at, ends_at = hours.take(employee_id, told, service.duration)
    return Appointment(
        patient_id=told.patient_id,
        employee_id=employee_id,
        branch_id=file.branch_id,
        service=service,
        starts_at=starts_at,
        ends_at=ends_at,
        status=AppointmentStatus.DONE,
        price=told.visit.total,
        key=key,
        created_at=starts_at,
        created_by_id=file.actor_id,
    )


def _add_bills(appointments: Sequence[Appointment]) -> None:
    visits = Visit.objects.bulk_create(
        Visit(
            appointment=row,
            arrived_at=row.starts_at,
            started_at=row.starts_at,
            finished_at=row.ends_at,
            total=row.price,
            paid=row.price,
        )
        for row in appointments
    )
    VisitLine.objects.bulk_create(
        VisitLine(visit=visit, service_id=row.service_id, price=row.price)
        for visit, row in zip(visits, appointments, strict=True)
    )


class _Catalogue:
    """Services and doctors by the names of the file. Who is not found is added, not in use."""

    def __init__(self, file: Import) -> None:
        self.file = file
        self.services = {fold(row.name): row for row in Service.objects.all()}
        self.employees: dict[str, int] = {}
        surnames: dict[str, list[int]] = defaultdict(list)
        for row in Employee.objects.order_by("is_active", "-id"):
            for name in (row.full_name, row.short_name, f"{row.last_name} {row.first_name}"):
                self.employees[fold(name)] = row.pk
            surnames[fold(row.last_name)].append(row.pk)
        for surname, ids in surnames.items():
            if len(ids) == 1:
                self.employees.setdefault(surname, ids[0])

    def service(self, name: str, price: Decimal) -> Service:
        name = name or _("Service of the former system")
        if fold(name) not in self.services:
            service = Service.objects.create(
                name=name,
                kind=ServiceKind.CONSULTATION,
                duration=USUAL,
                price=price,
                is_active=False,
            )
            self.services[fold(name)] = service
            self._remember("services", service.pk)
        return self.services[fold(name)]

    def employee_id(self, name: str) -> int:
        name = name or _("Doctor not named")
        if fold(name) not in self.employees:
            last, first, middle = split_name(name)
            employee = Employee.objects.create(
                last_name=last,
                first_name=first,
                middle_name=middle,
                position=_("in the former system"),
                is_active=False,
            )
            employee.branches.set([self.file.branch])
            self.employees[fold(name)] = employee.pk
            self._remember("employees", employee.pk)
        return self.employees[fold(name)]

    def _remember(self, kind: str, made_id: int) -> None:
        self.file.made.setdefault(kind, []).append(made_id)
        self.file.save(update_fields=["made"])


Span = tuple[datetime, datetime]


class _Hours:
    """When the doctors and the patients of a batch were busy, so that nobody is in two places."""

    def __init__(
        self, branch: Branch, places: Iterable[tuple[int, Told]], *, now: datetime
    ) -> None:
        self.branch, self.now = branch, now
        self.busy: dict[tuple[str, int], list[Span]] = defaultdict(list)
        employees = {(employee_id, self._midnight(told)) for employee_id, told in places}
        patients = {(told.patient_id, self._midnight(told)) for _employee_id, told in places}
        with connection.cursor() as cursor:
            cursor.execute(
                BUSY,
                {
                    "employees": [row for row, _day in employees],
                    "employee_days": [day for _row, day in employees],
                    "patients": [row for row, _day in patients],
                    "patient_days": [day for _row, day in patients],
                },
            )
            for kind, owner_id, starts_at, ends_at in cursor.fetchall():
                self.busy[kind, owner_id].append((starts_at, ends_at))

    def _midnight(self, told: Told) -> datetime:
        return self._at(told.visit.on, time())

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.branch.zone).astimezone(UTC)

    def take(self, employee_id: int, told: Told, duration: timedelta) -> Span:
        """Return the hour of the visit, or the first after it that both had free.

        A day as full as that gives shorter visits, as many as a file may tell of; today's end
        before now.
        """
        owners = [("employee", employee_id), ("patient", told.patient_id)]
        spans = sorted(span for owner in owners for span in self.busy[owner])
        midnight = self._midnight(told)
        limit = min(midnight + timedelta(days=1), self.now)
        opens_at = self._at(told.visit.on, told.visit.at or self.branch.opens_at)
        wishes = (
            (duration, opens_at),
            (SHORTEST, midnight + LAST_RESORT),
            (INSTANT, midnight),
        )
        for length, start in wishes:
            starts_at = _first_gap(spans, start, length)
            if starts_at + length <= limit:
                break
        span = (starts_at, starts_at + length)
        for owner in owners:
            self.busy[owner].append(span)
        return span


def _first_gap(spans: Sequence[Span], start: datetime, length: timedelta) -> datetime:
    for busy_from, busy_until in spans:
        if busy_from < start + length and busy_until > start:
            start = busy_until
    return start
