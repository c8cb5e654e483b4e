"""A doctor's day: his patients in order, and what is worth knowing about each before the door."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from appointments.models import UPCOMING, Appointment, AppointmentStatus, Visit
from clinic.days import day_bounds
from clinic.models import Branch, Employee
from prescriptions.models import PrescriptionLine, Session
from prescriptions.queries import OPEN, CountedLine, with_progress

WORTH_A_WORD = timedelta(minutes=5)

HERE = (AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS)


@dataclass(frozen=True, kw_only=True)
class Place:
    """One patient of the day.

    `waits` is how long he has been waiting; `is_first_visit` says that he has never been at the
    clinic; `session` is the course that this visit belongs to, `lines` the courses going on.
    """

    appointment: Appointment
    visit: Visit | None
    waits: timedelta | None
    is_first_visit: bool
    is_next: bool
    session: PrescriptionLine | None
    lines: Sequence[CountedLine]

    @property
    def is_called(self) -> bool:
        """Asked in, and not in yet."""
        is_here = self.appointment.status == AppointmentStatus.ARRIVED
        return is_here and self.visit is not None and self.visit.called_at is not None

    @property
    def waited(self) -> timedelta | None:
        """How long he sat in the hall, when that is worth a word."""
        waited = self.visit.waited if self.visit and not self.waits else None
        return waited if waited and waited >= WORTH_A_WORD else None

    @property
    def delay(self) -> timedelta | None:
        """By how much the visit began late, when that is worth a word."""
        if self.visit is None or self.visit.started_at is None:
            return None
        delay = self.visit.started_at - self.appointment.starts_at
        return delay if delay >= WORTH_A_WORD else None


@dataclass(frozen=True, kw_only=True)
class MyDay:
    """`places` in order of time; those who cancelled are left out, those who missed stay."""

    on: date
    places: Sequence[Place]

    @property
    def done(self) -> int:
        return sum(self._status(place) == AppointmentStatus.DONE for place in self.places)

    @property
    def waiting(self) -> int:
        return sum(self._status(place) == AppointmentStatus.ARRIVED for place in self.places)

    @property
    def left(self) -> int:
        return sum(self._status(place) in UPCOMING for place in self.places)

    @staticmethod
    def _status(place: Place) -> str:
        return place.appointment.status


def get_my_day(*, employee: Employee, branch: Branch, on: date, now: datetime) -> MyDay:
    """Return the employee's appointments of a day on the branch's clock, in four queries."""
    starts_at, ends_at = day_bounds(branch, on)
    been_before = Appointment.objects.filter(
        patient=OuterRef("patient"), status=AppointmentStatus.DONE
    ).exclude(pk=OuterRef("pk"))
    appointments = list(
        Appointment.objects.filter(
            employee=employee, starts_at__gte=starts_at, starts_at__lt=ends_at
        )
        .exclude(status=AppointmentStatus.CANCELLED)
        .select_related("patient", "service", "room", "branch", "employee")
        .annotate(been_before=Exists(been_before))
        .order_by("starts_at")
    )
    visits = Visit.objects.in_bulk(
        [appointment.pk for appointment in appointments], field_name="appointment_id"
    )
    sessions = _sessions_of(appointments)
    lines = _lines_of(appointments)
    next_id = _find_next(appointments)
    places = [
        Place(
            appointment=appointment,
            visit=(visit := visits.get(appointment.pk)),
            waits=_count_wait(appointment, visit, now=now),
            is_first_visit=not appointment.been_before,
            is_next=appointment.pk == next_id,
            session=sessions.get(appointment.pk),
            lines=lines[appointment.patient_id],
        )
        for appointment in appointments
    ]
    return MyDay(on=on, places=places)


def _find_next(appointments: Sequence[Appointment]) -> int | None:
    """Return whom to see to now: who is in, else who waits longest by the schedule, else comes."""
    for statuses in ((AppointmentStatus.IN_PROGRESS,), (AppointmentStatus.ARRIVED,), UPCOMING):
        for appointment in appointments:
            if appointment.status in statuses:
                return appointment.pk
    return None


def _count_wait(
    appointment: Appointment, visit: Visit | None, *, now: datetime
) -> timedelta | None:
    if visit is None or appointment.status != AppointmentStatus.ARRIVED:
        return None
    return max(now - visit.arrived_at, timedelta())


def _sessions_of(appointments: Sequence[Appointment]) -> dict[int, PrescriptionLine]:
    found = Session.objects.filter(appointment__in=appointments).select_related("line")
    return {session.appointment_id: session.line for session in found}


def _lines_of(appointments: Sequence[Appointment]) -> dict[int, list[CountedLine]]:
    patient_ids = {appointment.patient_id for appointment in appointments}
    open_lines = PrescriptionLine.objects.filter(
        prescription__patient__in=patient_ids, status__in=OPEN
    ).select_related("service", "prescription")
    by_patient: dict[int, list[CountedLine]] = defaultdict(list)
    for line in with_progress(open_lines).order_by("prescription", "position"):
        by_patient[line.prescription.patient_id].append(line)
    return by_patient
