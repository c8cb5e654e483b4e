import pytest

from appointments.actions import book_appointment, mark_no_show, restore_appointment
from outbox.actions import deliver_next
from tests.appointments.factories import NOW, make_order
from tests.factories import Clinic, make_appointment
from worklist.actions import CallReport, record_call
from worklist.models import Task

pytestmark = pytest.mark.django_db(transaction=True)


def missed(clinic: Clinic) -> Task:
    appointment = make_appointment(clinic, "09:00")
    mark_no_show(appointment_id=appointment.pk, actor_id=None, now=clinic.at("09:30"))
    return Task.objects.filter(kind=Task.Kind.CALL_NO_SHOW).earliest("due_at")


def test_who_books_anew_is_not_called_about_the_visit_he_missed(clinic: Clinic) -> None:
    task = missed(clinic)

    book_appointment(order=make_order(clinic, "15:00"), actor_id=None, now=NOW)
    while deliver_next(now=clinic.at("10:00")):
        pass

    task.refresh_from_db()
    assert task.status == Task.Status.DONE
    assert not Task.objects.filter(status=Task.Status.OPEN).exists()


def test_a_restored_visit_needs_no_call(clinic: Clinic) -> None:
    task = missed(clinic)

    restore_appointment(appointment_id=task.subject_id or 0, actor_id=None, now=clinic.at("09:40"))
    while deliver_next(now=clinic.at("10:00")):
        pass

    task.refresh_from_db()
    assert task.status == Task.Status.CANCELLED


@pytest.mark.parametrize(("outcome", "left"), [("REFUSED", 0), ("AGREED", 1)])
def test_who_refuses_in_the_first_call_is_not_called_again(
    clinic: Clinic, outcome: str, left: int
) -> None:
    task = missed(clinic)

    record_call(
        task_id=task.pk, report=CallReport(outcome=outcome), actor_id=None, now=clinic.at("09:50")
    )
    while deliver_next(now=clinic.at("10:00")):
        pass

    assert Task.objects.filter(status=Task.Status.OPEN).count() == left
