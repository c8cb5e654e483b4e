from datetime import date, timedelta

import pytest

from clinic.models import Role, User
from outbox.models import Event
from prescriptions.actions import (
    CourseKeyReused,
    CourseOrder,
    LineOrder,
    NoLines,
    ServiceNotActive,
    SpecialistDoesNotOffer,
    WrongAppointment,
    WrongCourse,
    prescribe_course,
)
from prescriptions.models import LineStatus, Prescription, PrescriptionLine
from tests.factories import (
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_service,
)
from tests.prescriptions.factories import NOW, make_course_order
from worklist.models import Task


def prescribe(order: CourseOrder) -> Prescription:
    return prescribe_course(order=order, actor_id=None, now=NOW)


def test_each_line_of_a_course_becomes_a_task_for_reception(clinic: Clinic, dmitry: User) -> None:
    massage = make_service(name="Массаж спины")
    order = make_course_order(
        clinic,
        LineOrder(service_id=massage.pk, sessions=10, every_min_days=2, every_max_days=3),
        LineOrder(
            service_id=clinic.service.pk, every_min_days=7, every_max_days=14, is_repeat_exam=True
        ),
        note="после обеда",
    )

    prescription = prescribe_course(order=order, actor_id=dmitry.pk, now=NOW)

    course, exam = prescription.lines.order_by("position")
    assert (course.status, exam.status) == (LineStatus.PRESCRIBED, LineStatus.PRESCRIBED)
    assert course.due_on == date(2026, 12, 30)  # 3 days to begin, 9 intervals of 3 days
    assert exam.due_on == date(2027, 1, 13)  # 14 days after that
    tasks = Task.objects.order_by("id")
    assert [(task.kind, task.role, task.patient) for task in tasks] == [
        (Task.Kind.BOOK_COURSE, Role.ADMINISTRATOR, clinic.patient)
    ] * 2
    assert [task.subject_id for task in tasks] == [course.pk, exam.pk]
    assert tasks[0].note.startswith("Массаж спины, 10 ")
    assert tasks[0].due_at == NOW + timedelta(days=1)
    assert tasks[1].due_at.date() == date(2027, 1, 5)
    event = Event.objects.get(name="prescriptions.CoursePrescribed")
    assert (event.actor_id, event.payload) == (dmitry.pk, {"prescription_id": prescription.pk})


def test_the_same_key_prescribes_once(clinic: Clinic) -> None:
    order = make_course_order(clinic)

    assert prescribe(order) == prescribe(order)

    assert (PrescriptionLine.objects.count(), Task.objects.count()) == (1, 1)


def test_a_key_of_another_patient_is_refused(clinic: Clinic) -> None:
    prescribe(make_course_order(clinic, key="k"))

    with pytest.raises(CourseKeyReused):
        prescribe(make_course_order(clinic, key="k", patient_id=make_patient().pk))


@pytest.mark.parametrize(
    "wrong",
    [
        {"sessions": 0},
        {"sessions": 61},
        {"every_min_days": 4, "every_max_days": 3},
        {"every_min_days": -1},
        {"every_max_days": 366},
        {"sessions": 2, "is_repeat_exam": True},
    ],
)
def test_a_course_that_makes_no_sense_is_not_written(clinic: Clinic, wrong: dict[str, int]) -> None:
    line = LineOrder(**{"service_id": clinic.service.pk} | wrong)  # type: ignore[arg-type]  # wrong on purpose

    with pytest.raises(WrongCourse):
        prescribe(make_course_order(clinic, line))

    assert not Prescription.objects.exists()


def test_a_course_has_lines(clinic: Clinic) -> None:
    with pytest.raises(NoLines):
        prescribe(make_course_order(clinic, lines=()))

    assert not Prescription.objects.exists()


def test_a_service_of_the_past_is_not_prescribed(clinic: Clinic) -> None:
    old = make_service(is_active=False)

    with pytest.raises(ServiceNotActive):
        prescribe(make_course_order(clinic, LineOrder(service_id=old.pk)))

    assert not Prescription.objects.exists()


def test_a_specialist_is_one_who_carries_the_service_out(clinic: Clinic) -> None:
    other = make_employee(branches=[clinic.branch])
    line = LineOrder(service_id=clinic.service.pk, specialist_id=other.pk)

    with pytest.raises(SpecialistDoesNotOffer):
        prescribe(make_course_order(clinic, line))

    assert not Prescription.objects.exists()


def test_the_visit_is_the_patients_own(clinic: Clinic) -> None:
    visit = make_appointment(clinic, patient=make_patient())

    with pytest.raises(WrongAppointment):
        prescribe(make_course_order(clinic, appointment_id=visit.pk))

    assert not Prescription.objects.exists()
