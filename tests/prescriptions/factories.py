from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from appointments.actions import BookingOrder
from prescriptions.actions import CourseOrder, LineOrder, prescribe_course
from prescriptions.models import PrescriptionLine
from tests.factories import DAY, Clinic
from worklist.models import Task

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)  # noon in Moscow, the day before `DAY`

_numbers = count(1)


def make_course_order(clinic: Clinic, *lines: LineOrder, **fields: Any) -> CourseOrder:
    """Two sessions of the clinic's service, every 2–3 days, unless told otherwise."""
    two = LineOrder(service_id=clinic.service.pk, sessions=2, every_min_days=2, every_max_days=3)
    defaults: dict[str, Any] = {
        "patient_id": clinic.patient.pk,
        "doctor_id": clinic.doctor.pk,
        "branch_id": clinic.branch.pk,
        "lines": lines or (two,),
        "key": f"course-{next(_numbers)}",
    }
    return CourseOrder(**defaults | fields)


def make_line(clinic: Clinic, *lines: LineOrder, **fields: Any) -> PrescriptionLine:
    """The first line of a course prescribed at `NOW`."""
    order = make_course_order(clinic, *lines, **fields)
    prescription = prescribe_course(order=order, actor_id=None, now=NOW)
    return prescription.lines.get(position=1)


def make_booking(
    clinic: Clinic, clock: str = "10:00", on: date = DAY, **fields: Any
) -> BookingOrder:
    defaults: dict[str, Any] = {
        "patient_id": clinic.patient.pk,
        "service_id": clinic.service.pk,
        "employee_id": clinic.doctor.pk,
        "branch_id": clinic.branch.pk,
        "starts_at": clinic.at(clock, on),
        "key": f"session-{next(_numbers)}",
    }
    return BookingOrder(**defaults | fields)


def tasks_of(line: PrescriptionLine) -> list[tuple[str, str]]:
    """The (source, status) of the tasks about the line, oldest first."""
    tasks = Task.objects.filter(subject_kind="prescriptions.line", subject_id=line.pk)
    return list(tasks.order_by("id").values_list("source", "status"))
