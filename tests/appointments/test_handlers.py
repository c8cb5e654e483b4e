import pytest

from appointments.actions import book_appointment, mark_no_show, restore_appointment
from outbox.actions import deliver_next
from tests.appointments.factories import NOW, make_order
from tests.factories import Clinic, make_appointment
from worklist.models import Task

pytestmark = pytest.mark.django_db(transaction=True)


def missed(clinic: Clinic) -> Task:
    appointment = make_appointment(clinic, "09:00")
    mark_no_show(appointment_id=appointment.pk, actor_id=None, now=clinic.at("09:30"))
    return Task.objects.get(kind=Task.Kind.CALL_NO_SHOW)


def test_who_books_anew_is_not_called_about_the_visit_he_missed(clinic: Clinic) -> None:
    task = missed(clinic)

    book_appointment(order=make_order(clinic, "15:00"), actor_id=None, now=NOW)
    while deliver_next(now=clinic.at("10:00")):
        pass

    task.refresh_from_db()
    assert task.status == Task.Status.DONE


def test_a_restored_visit_needs_no_call(clinic: Clinic) -> None:
    task = missed(clinic)

    restore_appointment(appointment_id=task.subject_id or 0, actor_id=None, now=clinic.at("09:40"))
    while deliver_next(now=clinic.at("10:00")):
        pass

    task.refresh_from_db()
    assert task.status == Task.Status.CANCELLED
