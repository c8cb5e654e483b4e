from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from appointments.actions import OutsideShift, SlotTaken, book_appointment
from appointments.models import Appointment
from clinic.models import Service
from outbox.actions import deliver_next
from patients.models import Patient
from prescriptions.actions import (
    AllBooked,
    LineClosed,
    LineOrder,
    WrongSession,
    adopt_appointment,
    book_session,
    book_sessions,
    drop_line,
)
from prescriptions.models import LineStatus, PrescriptionLine, Session
from tests.factories import DAY, Clinic, make_appointment, make_patient, make_service, make_shift
from tests.prescriptions.factories import NOW, make_booking, make_line, tasks_of
from tests.threads import run_at_once
from worklist.models import Task

LATER = DAY + timedelta(days=2)


def test_a_session_is_an_appointment_linked_to_its_line(clinic: Clinic) -> None:
    line, order = make_line(clinic), make_booking(clinic)

    first = book_session(line_id=line.pk, order=order, actor_id=None, now=NOW)
    again = book_session(line_id=line.pk, order=order, actor_id=None, now=NOW)

    assert again == first
    session = Session.objects.get()
    assert (session.line, session.appointment) == (line, first)
    line.refresh_from_db()
    assert (line.status, line.handed_over_at) == (LineStatus.BOOKED, NOW)


def test_a_chain_is_booked_whole_or_not_at_all(clinic: Clinic) -> None:
    line = make_line(clinic)
    orders = [make_booking(clinic), make_booking(clinic, on=LATER)]  # no shift on that day

    with pytest.raises(OutsideShift):
        book_sessions(line_id=line.pk, orders=orders, actor_id=None, now=NOW)

    assert not Appointment.objects.exists()
    line.refresh_from_db()
    assert line.status == LineStatus.PRESCRIBED


def test_a_taken_time_refuses_the_session(clinic: Clinic) -> None:
    line = make_line(clinic)
    make_appointment(clinic, "10:00", patient=make_patient())

    with pytest.raises(SlotTaken):
        book_session(line_id=line.pk, order=make_booking(clinic), actor_id=None, now=NOW)

    assert not Session.objects.exists()


def test_no_more_sessions_than_prescribed(clinic: Clinic) -> None:
    line = make_line(clinic)
    for clock in ("10:00", "11:00"):
        order = make_booking(clinic, clock)
        book_session(line_id=line.pk, order=order, actor_id=None, now=NOW)

    order = make_booking(clinic, "12:00")
    with pytest.raises(AllBooked):
        book_session(line_id=line.pk, order=order, actor_id=None, now=NOW)

    assert Appointment.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "make"), [("patient_id", make_patient), ("service_id", make_service)]
)
def test_a_session_is_of_the_patient_and_the_service_prescribed(
    clinic: Clinic, field: str, make: Callable[[], Patient | Service]
) -> None:
    line = make_line(clinic)
    wrong: dict[str, Any] = {field: make().pk}
    order = make_booking(clinic, **wrong)

    with pytest.raises(WrongSession):
        book_session(line_id=line.pk, order=order, actor_id=None, now=NOW)

    assert not Appointment.objects.exists()


def test_a_dropped_line_is_not_booked(clinic: Clinic) -> None:
    line = make_line(clinic)
    drop_line(line_id=line.pk, reason="OTHER", note="", actor_id=None, now=NOW)

    with pytest.raises(LineClosed):
        book_session(line_id=line.pk, order=make_booking(clinic), actor_id=None, now=NOW)

    assert not Appointment.objects.exists()


def test_what_is_booked_on_the_board_is_recognised(clinic: Clinic) -> None:
    line = make_line(clinic)
    appointment = book_appointment(order=make_booking(clinic), actor_id=None, now=NOW)

    for _ in range(2):
        adopt_appointment(appointment_id=appointment.pk, now=NOW)

    assert Session.objects.get().line == line
    line.refresh_from_db()
    assert line.status == LineStatus.BOOKED


def test_between_two_lines_a_person_decides(clinic: Clinic) -> None:
    make_line(clinic)
    make_line(clinic)
    appointment = book_appointment(order=make_booking(clinic), actor_id=None, now=NOW)

    assert adopt_appointment(appointment_id=appointment.pk, now=NOW) is None

    assert not Session.objects.exists()


def test_a_cancelled_booking_is_not_recognised(clinic: Clinic) -> None:
    make_line(clinic)
    gone = make_appointment(clinic, status="CANCELLED", cancel_reason="ILLNESS")

    assert adopt_appointment(appointment_id=gone.pk, now=NOW) is None


@pytest.mark.django_db(transaction=True)
def test_the_news_of_bookings_closes_the_task(clinic: Clinic) -> None:
    line = make_line(clinic, LineOrder(service_id=clinic.service.pk, sessions=1))
    book_appointment(order=make_booking(clinic), actor_id=None, now=NOW)

    while deliver_next(now=NOW):
        pass

    assert tasks_of(line) == [(f"line:{line.pk}:1", Task.Status.DONE)]


@pytest.mark.django_db(transaction=True)
def test_two_receptions_at_once_book_no_session_too_many(clinic: Clinic) -> None:
    make_shift(clinic.doctor, clinic.branch, on=LATER)
    line = make_line(clinic)
    clocks = ("10:00", "11:00", "12:00", "13:00")

    answers = run_at_once(
        [
            partial(
                book_session,
                line_id=line.pk,
                order=make_booking(clinic, clock),
                actor_id=None,
                now=NOW,
            )
            for clock in clocks
        ]
    )

    assert sum(isinstance(answer, Appointment) for answer in answers) == 2
    assert sum(isinstance(answer, AllBooked) for answer in answers) == 2
    assert Appointment.objects.count() == Session.objects.filter(line=line).count() == 2
    assert PrescriptionLine.objects.get().status == LineStatus.BOOKED
