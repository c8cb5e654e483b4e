"""What the patient is told when the clinic moves or cancels his visit."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from appointments.actions import (
    cancel_appointment,
    cancel_bundle,
    move_appointment,
    move_bundle,
    restore_appointment,
    tell_moved,
    undo_move,
)
from appointments.models import Appointment
from messaging.guard import gather_facts, judge
from messaging.models import Message
from outbox.actions import deliver_next
from tests.appointments.factories import NOW
from tests.factories import Clinic, make_appointment

pytestmark = pytest.mark.django_db(transaction=True)

SOON = timedelta(minutes=1)
LATER = timedelta(minutes=5)


@pytest.fixture
def made(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "10:00")


def hear(now: datetime = NOW) -> None:
    while deliver_next(now=now):
        pass


def move(made: Appointment, starts_at: datetime, *, now: datetime = NOW, **fields: bool) -> None:
    made.refresh_from_db()
    move_appointment(
        appointment_id=made.pk,
        starts_at=starts_at,
        version=made.version,
        actor_id=None,
        now=now,
        **fields,
    )
    hear(now)


def cancel(made: Appointment, reason: str, *, by_patient: bool = False) -> None:
    cancel_appointment(
        appointment_id=made.pk, reason=reason, by_patient=by_patient, actor_id=None, now=NOW
    )
    hear()


def verdict(message: Message, now: datetime = NOW + LATER) -> tuple[str, str]:
    """What the guard says when the turn of the message comes."""
    message.refresh_from_db()
    said = judge(message, gather_facts([message], lock=False), now=now)
    return said.status, said.reason


def test_a_visit_moved_by_the_clinic_is_told_with_a_link(made: Appointment, clinic: Clinic) -> None:
    move(made, clinic.at("12:00"))

    message = Message.objects.get()
    assert message.kind == "appointment_moved"
    assert message.body.startswith("Ваш визит перенесён. Новое время: 01.12 в 12:00. Ответить: ")
    assert clinic.service.name not in message.body
    assert message.send_at > NOW
    assert verdict(message) == ("SENDING", "")


def test_a_small_shift_is_not_worth_a_message(made: Appointment, clinic: Clinic) -> None:
    move(made, clinic.at("10:05"))

    assert not Message.objects.exists()


def test_ten_minutes_are(made: Appointment, clinic: Clinic) -> None:
    move(made, clinic.at("10:10"))

    assert Message.objects.count() == 1


def test_whoever_moved_it_himself_is_not_told(made: Appointment, clinic: Clinic) -> None:
    move(made, clinic.at("12:00"), by_patient=True)

    assert not Message.objects.exists()


def test_an_undone_move_reaches_nobody(made: Appointment, clinic: Clinic) -> None:
    move(made, clinic.at("12:00"))
    made.refresh_from_db()

    undo_move(appointment_id=made.pk, version=made.version, actor_id=None, now=NOW + SOON)
    hear(NOW + SOON)

    assert verdict(Message.objects.get()) == ("SUPPRESSED", "moved")


def test_of_two_moves_the_last_is_told_once(made: Appointment, clinic: Clinic) -> None:
    move(made, clinic.at("12:00"))
    move(made, clinic.at("15:00"), now=NOW + SOON)

    first, second = Message.objects.order_by("id")
    assert verdict(first) == ("SUPPRESSED", "moved")
    assert "15:00" in second.body
    assert verdict(second) == ("SENDING", "")


def test_a_visit_cancelled_by_the_clinic_is_told(made: Appointment) -> None:
    cancel(made, "DOCTOR_ABSENT")

    message = Message.objects.get()
    assert message.kind == "appointment_cancelled"
    assert message.body.startswith("Ваш визит 01.12 в 10:00 отменён")
    assert verdict(message) == ("SENDING", "")


@pytest.mark.parametrize("reason", ["PATIENT_ASKED", "ILLNESS", "MISTAKE"])
def test_the_patients_own_reasons_are_no_news_to_him(made: Appointment, reason: str) -> None:
    cancel(made, reason)

    assert not Message.objects.exists()


def test_who_cancelled_by_the_link_is_not_told(made: Appointment) -> None:
    cancel(made, "OTHER", by_patient=True)

    assert not Message.objects.exists()


def test_a_cancellation_taken_back_reaches_nobody(made: Appointment) -> None:
    cancel(made, "DOCTOR_ABSENT")

    restore_appointment(appointment_id=made.pk, actor_id=None, now=NOW + SOON)

    assert verdict(Message.objects.get()) == ("SUPPRESSED", "visit_restored")


def test_a_visit_of_several_services_is_told_once(clinic: Clinic) -> None:
    bundle = uuid4()
    first = make_appointment(clinic, "10:00", bundle=bundle)
    make_appointment(clinic, "10:30", bundle=bundle)

    move_bundle(
        appointment_id=first.pk,
        starts_at=clinic.at("14:00"),
        version=first.version,
        actor_id=None,
        now=NOW,
    )
    hear()
    moved = list(Message.objects.all())
    cancel_bundle(
        appointment_id=first.pk,
        reason="DOCTOR_ABSENT",
        by_patient=False,
        actor_id=None,
        now=NOW + LATER,
    )
    hear(NOW + LATER)

    assert ["14:00" in message.body for message in moved] == [True]
    assert Message.objects.filter(kind="appointment_cancelled").count() == 1


def test_news_told_again_writes_nothing_twice(made: Appointment, clinic: Clinic) -> None:
    move(made, clinic.at("12:00"))
    tell_moved(appointment_id=made.pk, from_start=clinic.at("10:00"), now=NOW)

    assert Message.objects.count() == 1
