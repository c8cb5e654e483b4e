from datetime import timedelta

import pytest

from appointments.actions import book_appointment
from clinic.models import User
from intake.actions import (
    BookedForOther,
    RequestClosed,
    attach_patient,
    book_request,
    link_booking,
    lose_request,
    reopen_request,
    take_request,
)
from intake.models import Request
from outbox.actions import deliver_next
from outbox.models import Event
from tests.appointments.factories import make_order as make_booking_order
from tests.factories import Clinic, make_appointment, make_clinic, make_patient
from tests.intake.factories import NOW, make_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


def names() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def test_taking_up_is_the_first_answer(olga: User) -> None:
    request = make_request(at=NOW - timedelta(minutes=4))

    take_request(request_id=request.pk, actor_id=olga.pk, now=NOW)
    take_request(request_id=request.pk, actor_id=olga.pk, now=NOW + timedelta(hours=1))

    request.refresh_from_db()
    assert (request.status, request.taken_by, request.answered_at) == ("IN_WORK", olga, NOW)
    assert names() == ["intake.RequestReceived", "intake.RequestTaken"]


def test_a_colleague_takes_over_and_the_first_answer_stays(olga: User, viktor: User) -> None:
    request = make_request()
    take_request(request_id=request.pk, actor_id=olga.pk, now=NOW)

    take_request(request_id=request.pk, actor_id=viktor.pk, now=NOW + timedelta(hours=1))

    request.refresh_from_db()
    assert (request.taken_by, request.answered_at) == (viktor, NOW)


def test_a_booking_closes_the_request(clinic: Clinic, olga: User) -> None:
    request, appointment = make_request(), make_appointment(clinic)

    for _ in range(2):
        book_request(
            request_id=request.pk, appointment_id=appointment.pk, actor_id=olga.pk, now=NOW
        )

    request.refresh_from_db()
    assert (request.status, request.patient, request.closed_at) == ("BOOKED", clinic.patient, NOW)
    assert names() == ["intake.RequestReceived", "intake.RequestBooked"]


def test_a_booking_answers_one_request(clinic: Clinic) -> None:
    first, second, appointment = make_request(), make_request(), make_appointment(clinic)
    book_request(request_id=first.pk, appointment_id=appointment.pk, actor_id=None, now=NOW)

    with pytest.raises(BookedForOther):
        book_request(request_id=second.pk, appointment_id=appointment.pk, actor_id=None, now=NOW)
    other = make_appointment(clinic, "12:00")
    with pytest.raises(RequestClosed):
        book_request(request_id=first.pk, appointment_id=other.pk, actor_id=None, now=NOW)

    second.refresh_from_db()
    assert second.status == "NEW"


def test_a_loss_has_a_reason_and_can_be_undone(olga: User) -> None:
    request = make_request(comment="Массаж")

    lose_request(
        request_id=request.pk,
        reason="EXPENSIVE",
        comment="Нашли дешевле",
        actor_id=olga.pk,
        now=NOW,
    )

    request.refresh_from_db()
    assert (request.status, request.loss_reason, request.closed_at) == ("LOST", "EXPENSIVE", NOW)
    assert request.comment == "Массаж\nНашли дешевле"

    reopen_request(request_id=request.pk, actor_id=olga.pk, now=NOW)

    request.refresh_from_db()
    assert (request.status, request.loss_reason, request.closed_at) == ("IN_WORK", "", None)
    assert names()[1:] == ["intake.RequestLost", "intake.RequestReopened"]


def test_a_closed_request_is_left_alone(olga: User) -> None:
    request = make_request()
    lose_request(request_id=request.pk, reason="SPAM", actor_id=olga.pk, now=NOW)
    patient = make_patient()

    with pytest.raises(RequestClosed):
        take_request(request_id=request.pk, actor_id=olga.pk, now=NOW)
    with pytest.raises(RequestClosed):
        lose_request(request_id=request.pk, reason="OTHER", actor_id=olga.pk, now=NOW)
    with pytest.raises(RequestClosed):
        attach_patient(request_id=request.pk, patient_id=patient.pk, actor_id=olga.pk, now=NOW)

    request.refresh_from_db()
    assert (request.loss_reason, request.patient) == ("SPAM", None)


def test_a_lost_one_who_books_after_all_is_won(clinic: Clinic) -> None:
    request, appointment = make_request(), make_appointment(clinic)
    lose_request(request_id=request.pk, reason="THINKING", actor_id=None, now=NOW)

    book_request(request_id=request.pk, appointment_id=appointment.pk, actor_id=None, now=NOW)

    request.refresh_from_db()
    assert (request.status, request.loss_reason) == ("BOOKED", "")


def test_the_caller_is_recognised(olga: User) -> None:
    request, patient = make_request(), make_patient()

    attach_patient(request_id=request.pk, patient_id=patient.pk, actor_id=olga.pk, now=NOW)

    assert Request.objects.get().patient == patient
    assert Event.objects.filter(name="intake.CallerRecognised", patient_id=patient.pk).exists()


def test_booking_a_patient_answers_his_newest_open_request(clinic: Clinic, olga: User) -> None:
    old = make_request(patient_id=clinic.patient.pk, at=NOW - timedelta(days=2))
    new = make_request(patient_id=clinic.patient.pk, at=NOW - timedelta(days=1))
    by_phone = make_request(phone="+79161234567", name="", at=NOW)

    appointment = book_appointment(order=make_booking_order(clinic), actor_id=olga.pk, now=NOW)
    while deliver_next(now=NOW):
        pass

    statuses = [Request.objects.get(pk=row.pk).status for row in (old, new, by_phone)]
    assert statuses == ["NEW", "BOOKED", "NEW"]
    assert Request.objects.get(pk=new.pk).appointment_id == appointment.pk


def test_a_booking_answers_an_unrecognised_call_from_the_number(clinic: Clinic) -> None:
    request = make_request(phone="+79161234567", name="")
    appointment = make_appointment(clinic)

    link_booking(appointment_id=appointment.pk, now=NOW)
    link_booking(appointment_id=appointment.pk, now=NOW)

    assert Request.objects.get().appointment_id == appointment.pk
    assert Request.objects.get().pk == request.pk


def test_an_old_request_or_a_stranger_s_is_not_answered(clinic: Clinic) -> None:
    make_request(patient_id=clinic.patient.pk, at=NOW - timedelta(days=31))
    make_request(phone="+79031112233")

    assert link_booking(appointment_id=make_appointment(clinic).pk, now=NOW) is None

    assert set(Request.objects.values_list("status", flat=True)) == {"NEW"}
