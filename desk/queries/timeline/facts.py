"""The stored events of a page of the timeline and all that they name, read in bulk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from appointments.events import AppointmentMoved
from appointments.models import Appointment
from campaigns.models import Run
from clinic.models import Employee
from feedback.models import Answer, Case
from intake.models import Request
from messaging.models import Message
from outbox.models import Event
from packages.models import Package
from prescriptions.models import Prescription, PrescriptionLine
from waitlist.models import Offer
from waitlist.queries import list_entries
from worklist.models import Task

NAMED: dict[str, QuerySet[Any]] = {
    "appointment_id": Appointment.objects.select_related("employee", "service", "branch", "room"),
    "message_id": Message.objects.all(),
    "task_id": Task.objects.all(),
    "prescription_id": Prescription.objects.select_related("doctor").prefetch_related(
        Prefetch(
            "lines",
            PrescriptionLine.objects.select_related("service").order_by("position"),
        )
    ),
    "line_id": PrescriptionLine.objects.select_related("service", "specialist"),
    "answer_id": Answer.objects.all(),
    "case_id": Case.objects.select_related("answer"),
    "request_id": Request.objects.select_related("source"),
    "package_id": Package.objects.select_related("branch"),
    "entry_id": list_entries(),
    "offer_id": Offer.objects.select_related("branch", "employee"),
    "run_id": Run.objects.select_related("scenario"),
}
"""What a field of an event's payload names. One query for each that occurs on the page."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """`rows` are the objects by payload field and id; `first_starts` when a visit that was moved

    since was first booked for; `employees` are by user.
    """

    rows: Mapping[str, Mapping[int, Any]]
    first_starts: Mapping[int, datetime]
    employees: Mapping[int, Employee]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One event with what it names."""

    event: Event
    known: Known

    def get(self, field: str) -> Any:
        """Return a field of the event: of an id, the object; None when it is gone."""
        value = self.event.payload.get(field)
        return self.known.rows[field].get(value) if field in NAMED else value

    @property
    def appointment(self) -> Appointment | None:
        found: Appointment | None = self.get("appointment_id")
        return found

    @property
    def booked_for(self) -> datetime | None:
        """When the visit was to begin as of its booking, before any move."""
        visit = self.appointment
        return self.known.first_starts.get(visit.pk, visit.starts_at) if visit else None

    def employee(self, field: str) -> Employee | None:
        """The employee of a field that holds an employee's id."""
        wanted = self.event.payload.get(field)
        everybody = self.known.employees.values()
        return next((one for one in everybody if one.pk == wanted), None)

    @property
    def actor(self) -> str:
        """Who did it: empty for the system and the patient."""
        who = self.known.employees.get(self.event.actor_id or 0)
        return who.short_name if who else ""


def read_facts(events: Sequence[Event]) -> list[Fact]:
    """Return the facts of these events of one patient; at most one query per kind of thing."""
    rows = {
        field: queryset.in_bulk(ids) if (ids := _ids(events, field)) else {}
        for field, queryset in NAMED.items()
    }
    known = Known(
        rows=rows,
        first_starts=_read_first_starts(events),
        employees=_read_employees(events),
    )
    return [Fact(event=event, known=known) for event in events]


def _ids(events: Iterable[Event], field: str) -> set[int]:
    return {event.payload[field] for event in events if event.payload.get(field)}


def _read_first_starts(events: Sequence[Event]) -> dict[int, datetime]:
    """The first move of a visit says when it was booked for: an event is never rewritten."""
    if not _ids(events, "appointment_id"):
        return {}
    moves = Event.objects.filter(
        patient_id=events[0].patient_id, name=AppointmentMoved.name
    ).order_by("-occurred_at", "-id")
    return {
        move.payload["appointment_id"]: datetime.fromisoformat(move.payload["from_start"])
        for move in moves
    }


def _read_employees(events: Iterable[Event]) -> dict[int, Employee]:
    users = {event.actor_id for event in events if event.actor_id}
    return (
        {one.user_id or 0: one for one in Employee.objects.filter(user__in=users)} if users else {}
    )
