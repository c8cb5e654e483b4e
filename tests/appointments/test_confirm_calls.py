"""The evening before: whoever has not confirmed is called, once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from appointments.actions import (
    cancel_appointment,
    confirm_appointment,
    move_appointment,
    open_confirm_calls,
)
from appointments.models import Appointment
from appointments.queries import count_unconfirmed_tomorrow
from clinic.models import Setting
from outbox.actions import deliver_next
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_branch,
    make_clinic,
    make_patient,
    make_shift,
)
from worklist.actions import CallReport, record_call
from worklist.models import Task

pytestmark = pytest.mark.django_db(transaction=True)

EVENING = datetime(2026, 11, 30, 14, 30, tzinfo=UTC)  # half past five in Moscow, the day before


def hear(now: datetime = EVENING) -> None:
    while deliver_next(now=now):
        pass


def test_a_silent_patient_is_called_with_words_to_say(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")

    assert open_confirm_calls(now=EVENING) == 1

    task = Task.objects.get()
    assert (task.kind, task.subject_id, task.patient_id) == (
        "CALL_CONFIRM",
        made.pk,
        made.patient_id,
    )
    assert "вторник, 1 декабря, в 10:00, ул. Ленина, 5" in task.note
    assert clinic.service.name not in task.note
    assert task.due_at == datetime(2026, 11, 30, 18, tzinfo=UTC)


def test_asked_again_it_opens_nothing_more(clinic: Clinic) -> None:
    make_appointment(clinic, "10:00")
    make_appointment(clinic, "12:00")

    opened = [open_confirm_calls(now=EVENING) for _ in range(2)]

    assert opened == [1, 0]
    assert "10:00, 12:00" in Task.objects.get().note


def test_before_the_hour_nobody_is_called(clinic: Clinic) -> None:
    make_appointment(clinic, "10:00")
    early = EVENING - timedelta(hours=1)

    assert open_confirm_calls(now=early) == 0
    assert count_unconfirmed_tomorrow(branch=clinic.branch, now=early) is None
    assert count_unconfirmed_tomorrow(branch=clinic.branch, now=EVENING) == 1


def test_the_clinic_may_do_without(clinic: Clinic) -> None:
    make_appointment(clinic, "10:00")
    Setting.objects.update_or_create(pk=1, defaults={"confirm_from": None})

    assert open_confirm_calls(now=EVENING) == 0


@pytest.mark.parametrize("fields", [{"status": "CONFIRMED"}, {"wants_move": True}])
def test_who_has_answered_is_left_alone(clinic: Clinic, fields: dict[str, object]) -> None:
    make_appointment(clinic, "10:00", **fields)

    assert open_confirm_calls(now=EVENING) == 0


def test_who_was_spoken_to_within_a_day_is_left_alone(clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", created_at=EVENING - timedelta(hours=2))
    moved = make_appointment(clinic, "12:00", patient=make_patient())
    move_appointment(
        appointment_id=moved.pk,
        starts_at=clinic.at("14:00"),
        version=1,
        actor_id=None,
        now=EVENING - timedelta(hours=3),
    )

    assert open_confirm_calls(now=EVENING) == 0


def test_tomorrow_is_that_of_the_branch() -> None:
    """At seven in the evening in Kamchatka it is morning in Greenwich of the same day."""
    clinic = make_clinic(branch=make_branch(time_zone="Asia/Kamchatka"))
    make_appointment(clinic, "23:30")
    make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=1))
    make_appointment(clinic, "00:30", on=date(2026, 12, 2), patient=make_patient())

    assert open_confirm_calls(now=datetime(2026, 11, 30, 7, tzinfo=UTC)) == 1
    assert Task.objects.get().patient_id == clinic.patient.pk


def answer_by_link(made: Appointment) -> None:
    confirm_appointment(appointment_id=made.pk, by_patient=True, actor_id=None, now=EVENING)


def call_off(made: Appointment) -> None:
    cancel_appointment(
        appointment_id=made.pk, reason="ILLNESS", by_patient=True, actor_id=None, now=EVENING
    )


def take_another_day(made: Appointment) -> None:
    move_appointment(
        appointment_id=made.pk,
        starts_at=made.starts_at + timedelta(days=1),
        version=made.version,
        actor_id=None,
        now=EVENING,
    )


@pytest.mark.parametrize("answer", [answer_by_link, call_off, take_another_day])
def test_the_call_closes_by_itself(clinic: Clinic, answer: object) -> None:
    assert callable(answer)
    made = make_appointment(clinic, "10:00")
    make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=1))
    open_confirm_calls(now=EVENING)

    answer(made)
    hear()

    task = Task.objects.get(kind="CALL_CONFIRM")
    assert (task.status, task.result) == ("DONE", "пациент ответил")


def test_one_of_two_services_answered_is_half_an_answer(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    make_appointment(clinic, "12:00")
    open_confirm_calls(now=EVENING)

    answer_by_link(made)
    hear()

    assert Task.objects.get().status == "OPEN"


def test_a_yes_on_the_phone_confirms_the_visit(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    open_confirm_calls(now=EVENING)
    task = Task.objects.get()

    record_call(task_id=task.pk, report=CallReport(outcome="AGREED"), actor_id=None, now=EVENING)
    hear()

    made.refresh_from_db()
    assert made.status == "CONFIRMED"


def test_no_answer_leaves_the_visit_as_it_is(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    open_confirm_calls(now=EVENING)

    report = CallReport(outcome="NO_ANSWER")
    record_call(task_id=Task.objects.get().pk, report=report, actor_id=None, now=EVENING)
    hear()

    made.refresh_from_db()
    assert made.status == "BOOKED"
    assert Task.objects.get().status == "OPEN"
