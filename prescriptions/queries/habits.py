"""What doctors prescribe most: offered again, so that a course takes seconds to write."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from clinic.models import Employee, Service
from prescriptions.models import PrescriptionLine

RECENT = 500
"""How many of the last lines are looked at."""


@dataclass(frozen=True, kw_only=True)
class Habit:
    """A line that has been prescribed before, ready to be prescribed again."""

    service: Service
    sessions: int
    every_min_days: int
    every_max_days: int
    is_repeat_exam: bool


def list_habits(*, doctor_id: int, limit: int = 6) -> list[Habit]:
    """Return the doctor's most frequent lines; of someone new, those of the whole clinic."""
    own = PrescriptionLine.objects.filter(prescription__doctor=doctor_id)
    return _most_frequent(own, limit) or _most_frequent(PrescriptionLine.objects.all(), limit)


def _most_frequent(lines: QuerySet[PrescriptionLine], limit: int) -> list[Habit]:
    recent = lines.filter(service__is_active=True).order_by("-id").values("pk")[:RECENT]
    fields = ("service", "sessions", "every_min_days", "every_max_days", "is_repeat_exam")
    rows = list(
        PrescriptionLine.objects.filter(pk__in=recent)
        .values(*fields)
        .annotate(times=Count("pk"))
        .order_by("-times", *fields)[:limit]
    )
    services = Service.objects.in_bulk({row["service"] for row in rows})
    return [
        Habit(
            service=services[row["service"]],
            sessions=row["sessions"],
            every_min_days=row["every_min_days"],
            every_max_days=row["every_max_days"],
            is_repeat_exam=row["is_repeat_exam"],
        )
        for row in rows
    ]


@dataclass(frozen=True, kw_only=True)
class Specialist:
    """Someone who carries services out, and which."""

    id: int
    name: str
    service_ids: tuple[int, ...]


def list_specialists(*, branch_id: int, service_ids: Iterable[int] = ()) -> list[Specialist]:
    """Return who takes patients at the branch, of those services if any are named, by name."""
    employees = Employee.objects.filter(branches=branch_id, is_active=True, services__isnull=False)
    wanted = set(service_ids)
    if wanted:
        employees = employees.filter(services__in=wanted)
    found = employees.distinct().order_by("last_name", "first_name").prefetch_related("services")
    return [
        Specialist(
            id=employee.pk,
            name=employee.short_name,
            service_ids=tuple(service.pk for service in employee.services.all()),
        )
        for employee in found
    ]
