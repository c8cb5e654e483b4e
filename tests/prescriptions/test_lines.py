from datetime import timedelta

import pytest

from appointments.models import Appointment
from outbox.models import Event
from prescriptions.actions import (
    LineClosed,
    SpecialistDoesNotOffer,
    book_session,
    book_sessions,
    drop_line,
    follow_session,
    hand_over_by_task,
    hand_over_line,
    reopen_line,
)
from prescriptions.models import DropReason, LineStatus, PrescriptionLine
from tests.factories import DAY, Clinic, make_appointment, make_employee, make_shift
from tests.prescriptions.factories import NOW, make_booking, make_line, tasks_of
from worklist.models import Task

LATER = DAY + timedelta(days=2)


def status_of(line: PrescriptionLine) -> str:
    line.refresh_from_db()
    return line.status


def drop(line: PrescriptionLine, reason: str = DropReason.NO_TIME) -> None:
    drop_line(line_id=line.pk, reason=reason, note="уехал", actor_id=None, now=NOW)


def become(appointment: Appointment, status: str) -> None:
    """Something happened to the session, and the news of it came."""
    reason = "ILLNESS" if status == "CANCELLED" else ""
    Appointment.objects.filter(pk=appointment.pk).update(status=status, cancel_reason=reason)
    follow_session(appointment_id=appointment.pk, now=NOW)


@pytest.fixture
def two_booked(clinic: Clinic) -> tuple[PrescriptionLine, Appointment, Appointment]:
    """A line of two sessions, both booked."""
    make_shift(clinic.doctor, clinic.branch, on=LATER)
    line = make_line(clinic)
    orders = [make_booking(clinic), make_booking(clinic, on=LATER)]
    first, second = book_sessions(line_id=line.pk, orders=orders, actor_id=None, now=NOW)
    return line, first, second


def test_a_specialist_takes_a_line_over_once(clinic: Clinic) -> None:
    line = make_line(clinic)

    for _ in range(2):
        hand_over_line(line_id=line.pk, specialist_id=clinic.doctor.pk, actor_id=None, now=NOW)

    assert status_of(line) == LineStatus.HANDED_OVER
    assert (line.specialist, line.handed_over_at) == (clinic.doctor, NOW)
    assert Event.objects.filter(name="prescriptions.LineHandedOver").count() == 1


def test_nobody_takes_over_what_he_does_not_carry_out(clinic: Clinic) -> None:
    line, other = make_line(clinic), make_employee()

    with pytest.raises(SpecialistDoesNotOffer):
        hand_over_line(line_id=line.pk, specialist_id=other.pk, actor_id=None, now=NOW)

    assert status_of(line) == LineStatus.PRESCRIBED


def test_reception_taking_the_task_takes_the_line(clinic: Clinic) -> None:
    line = make_line(clinic)

    hand_over_by_task(task_id=Task.objects.get().pk, actor_id=None, now=NOW)

    assert status_of(line) == LineStatus.HANDED_OVER


def test_all_sessions_booked_close_the_task_by_themselves(
    two_booked: tuple[PrescriptionLine, Appointment, Appointment],
) -> None:
    line, _first, _second = two_booked

    assert status_of(line) == LineStatus.BOOKED
    assert tasks_of(line) == [(f"line:{line.pk}:1", Task.Status.DONE)]


def test_one_session_of_two_leaves_the_task_open(clinic: Clinic) -> None:
    line = make_line(clinic)

    book_session(line_id=line.pk, order=make_booking(clinic), actor_id=None, now=NOW)

    assert status_of(line) == LineStatus.BOOKED
    assert tasks_of(line) == [(f"line:{line.pk}:1", Task.Status.OPEN)]


@pytest.mark.parametrize("lost", ["CANCELLED", "NO_SHOW"])
def test_a_lost_session_opens_a_task_again_and_a_restored_one_closes_it(
    two_booked: tuple[PrescriptionLine, Appointment, Appointment], lost: str
) -> None:
    line, first, _second = two_booked

    become(first, lost)

    assert status_of(line) == LineStatus.BOOKED
    assert tasks_of(line)[1:] == [(f"line:{line.pk}:2", Task.Status.OPEN)]

    become(first, "BOOKED")

    assert tasks_of(line)[1:] == [(f"line:{line.pk}:2", Task.Status.DONE)]


def test_a_line_without_any_session_left_is_handed_over_again(
    two_booked: tuple[PrescriptionLine, Appointment, Appointment],
) -> None:
    line, first, second = two_booked

    become(first, "CANCELLED")
    become(second, "CANCELLED")

    assert status_of(line) == LineStatus.HANDED_OVER


def test_attended_then_finished_and_back_by_an_undone_finish(
    two_booked: tuple[PrescriptionLine, Appointment, Appointment],
) -> None:
    line, first, second = two_booked

    become(first, "DONE")
    assert status_of(line) == LineStatus.ATTENDED

    become(second, "DONE")
    assert (status_of(line), line.closed_at) == (LineStatus.FINISHED, NOW)
    assert Event.objects.filter(name="prescriptions.LineFinished").count() == 1

    become(second, "IN_PROGRESS")
    assert (status_of(line), line.closed_at) == (LineStatus.ATTENDED, None)


def test_dropping_cancels_what_is_ahead_and_keeps_the_reason(
    two_booked: tuple[PrescriptionLine, Appointment, Appointment],
) -> None:
    line, first, second = two_booked
    become(first, "DONE")

    for _ in range(2):
        drop(line, DropReason.EXPENSIVE)

    assert (status_of(line), line.drop_reason, line.drop_note) == (
        LineStatus.DROPPED,
        DropReason.EXPENSIVE,
        "уехал",
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status, second.cancel_reason) == (
        "DONE",
        "CANCELLED",
        "EXPENSIVE",
    )
    assert Event.objects.filter(name="prescriptions.LineDropped").count() == 1


def test_dropping_takes_the_task_away_and_reopening_brings_it_back(clinic: Clinic) -> None:
    line = make_line(clinic)
    drop(line)
    assert tasks_of(line) == [(f"line:{line.pk}:1", Task.Status.CANCELLED)]

    reopen_line(line_id=line.pk, actor_id=None, now=NOW)

    assert (status_of(line), line.drop_reason) == (LineStatus.PRESCRIBED, "")
    assert tasks_of(line)[1:] == [(f"line:{line.pk}:2", Task.Status.OPEN)]


def test_the_news_of_a_cancelled_session_does_not_revive_a_dropped_line(
    two_booked: tuple[PrescriptionLine, Appointment, Appointment],
) -> None:
    line, first, _second = two_booked
    drop(line)

    follow_session(appointment_id=first.pk, now=NOW)

    assert status_of(line) == LineStatus.DROPPED
    assert len(tasks_of(line)) == 1


def test_a_finished_line_is_neither_dropped_nor_handed_over(
    two_booked: tuple[PrescriptionLine, Appointment, Appointment],
) -> None:
    line, first, second = two_booked
    become(first, "DONE")
    become(second, "DONE")

    with pytest.raises(LineClosed):
        drop(line)
    with pytest.raises(LineClosed):
        hand_over_line(line_id=line.pk, specialist_id=None, actor_id=None, now=NOW)

    assert status_of(line) == LineStatus.FINISHED


def test_an_appointment_of_no_course_moves_nothing(clinic: Clinic) -> None:
    line = make_line(clinic)
    other = make_appointment(clinic, "15:00")

    follow_session(appointment_id=other.pk, now=NOW)

    assert status_of(line) == LineStatus.PRESCRIBED
