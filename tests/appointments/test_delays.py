"""The doctor runs late: who waits, and who is written to, once for one delay."""

from datetime import timedelta
from functools import partial

import pytest

from appointments.actions import call_in, mark_arrived, start_visit, tell_of_delay
from appointments.models import Appointment, Visit
from appointments.queries import list_delayed, measure_delay
from messaging.models import Message
from outbox.models import Event
from tests.appointments.factories import NOW
from tests.factories import Clinic, make_appointment, make_clinic, make_patient
from tests.threads import run_at_once

MINUTE = timedelta(minutes=1)


def coming(clinic: Clinic, *clocks: str) -> list[Appointment]:
    return [
        make_appointment(clinic, clock, patient=make_patient(phone=f"+7916123450{number}"))
        for number, clock in enumerate(clocks)
    ]


def tell(clinic: Clinic, rows: list[Appointment], minutes: int, clock: str = "11:00") -> int:
    return tell_of_delay(
        employee_id=clinic.doctor.pk,
        branch=clinic.branch,
        delay=minutes * MINUTE,
        appointment_ids=[row.pk for row in rows],
        actor_id=None,
        now=clinic.at(clock),
    )


def test_the_delay_is_what_the_visit_that_goes_on_still_takes(clinic: Clinic) -> None:
    going, next_one = coming(clinic, "10:00", "10:30")
    start_visit(appointment_id=going.pk, actor_id=None, now=clinic.at("10:20"))

    measured = measure_delay(
        employee_id=clinic.doctor.pk, branch=clinic.branch, now=clinic.at("10:21")
    )

    assert next_one.starts_at == clinic.at("10:30")
    assert measured == 20 * MINUTE


def test_those_in_the_hall_come_first(clinic: Clinic) -> None:
    here, _next_one = coming(clinic, "10:00", "10:30")
    mark_arrived(appointment_id=here.pk, actor_id=None, now=clinic.at("09:50"))

    measured = measure_delay(
        employee_id=clinic.doctor.pk, branch=clinic.branch, now=clinic.at("10:17")
    )

    assert measured == 20 * MINUTE


def test_a_gap_makes_up_for_lost_time(clinic: Clinic) -> None:
    coming(clinic, "11:30", "12:00", "13:00", "17:30")

    found = list_delayed(
        employee_id=clinic.doctor.pk,
        branch=clinic.branch,
        delay=40 * MINUTE,
        now=clinic.at("11:00"),
    )

    assert [(one.appointment.starts_at, one.delay) for one in found] == [
        (clinic.at("11:30"), 40 * MINUTE),
        (clinic.at("12:00"), 40 * MINUTE),
        (clinic.at("13:00"), 10 * MINUTE),
    ]


@pytest.mark.django_db(transaction=True)
def test_the_next_patients_are_told_in_neutral_words(clinic: Clinic) -> None:
    rows = coming(clinic, "11:30", "12:00")

    assert tell(clinic, rows, 20) == 2

    first = Message.objects.order_by("id")[0]
    assert first.body == "Сегодня задержка около 20 мин, просим извинить. Ждём вас к 11:50."
    assert clinic.doctor.last_name not in first.body
    assert Event.objects.filter(name="appointments.DelayTold").count() == 2


def test_only_those_who_are_ticked_are_told(clinic: Clinic) -> None:
    rows = coming(clinic, "11:30", "12:00")

    assert tell(clinic, rows[1:], 20) == 1

    assert Message.objects.get().subject_id == rows[1].pk


def test_one_delay_is_told_once_and_a_longer_one_again(clinic: Clinic) -> None:
    rows = coming(clinic, "11:30")

    told = [tell(clinic, rows, minutes) for minutes in (20, 20, 25, 40)]

    assert told == [1, 0, 0, 1]


def test_who_has_come_or_is_not_of_today_is_not_told(clinic: Clinic) -> None:
    (here,) = coming(clinic, "11:30")
    mark_arrived(appointment_id=here.pk, actor_id=None, now=clinic.at("11:00"))

    assert tell(clinic, [here], 20) == 0
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_write_once() -> None:
    clinic = make_clinic()
    rows = coming(clinic, "11:30", "12:00")

    told = run_at_once([partial(tell, clinic, rows, 20)] * 4)

    assert sorted(map(str, told)) == ["0", "0", "0", "2"]
    assert Message.objects.count() == 2


def test_a_call_in_is_written_down_once(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    mark_arrived(appointment_id=made.pk, actor_id=None, now=clinic.at("09:50"))

    call_in(appointment_id=made.pk, actor_id=None, now=clinic.at("10:05"))
    call_in(appointment_id=made.pk, actor_id=None, now=clinic.at("10:10"))
    start_visit(appointment_id=made.pk, actor_id=None, now=clinic.at("10:12"))

    visit = Visit.objects.get()
    assert visit.called_at == clinic.at("10:05")
    assert visit.waited == 15 * MINUTE
    assert Event.objects.filter(name="appointments.PatientCalled").count() == 1


def test_who_is_called_in_has_come(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")

    call_in(appointment_id=made.pk, actor_id=None, now=clinic.at("10:05"))

    made.refresh_from_db()
    assert made.status == "ARRIVED"
    assert clinic.at("10:00") > NOW
