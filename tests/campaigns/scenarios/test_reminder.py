from datetime import datetime, timedelta

from appointments.models import Appointment
from campaigns.models import Run, RunStatus, Scenario
from messaging.models import Message
from tests.campaigns.scenarios.factories import one_look
from tests.factories import Clinic, make_appointment, make_branch, make_clinic

DAY = timedelta(days=1)


def test_a_visit_is_reminded_a_day_before(clinic: Clinic, reminder: Scenario) -> None:
    visit = make_appointment(clinic, "10:00")

    one_look(clinic.at("09:59") - DAY)
    assert not Message.objects.exists()
    one_look(clinic.at("10:00") - DAY)

    message = Message.objects.get()
    assert (message.kind, message.address) == ("appointment_reminder", "+79161234567")
    assert (message.send_at, message.expires_at) == (
        visit.starts_at - DAY,
        visit.starts_at - timedelta(hours=2),
    )
    assert "10:00" in message.body
    assert clinic.service.name not in message.body


def test_looking_again_writes_nothing_twice(clinic: Clinic, reminder: Scenario) -> None:
    make_appointment(clinic, "10:00")

    for minute in range(3):
        one_look(clinic.at("10:00") - DAY + timedelta(minutes=minute))

    assert (Run.objects.count(), Message.objects.count()) == (1, 1)


def test_a_day_before_is_counted_on_the_clock_of_the_branch(reminder: Scenario) -> None:
    berlin = make_clinic(branch=make_branch(time_zone="Europe/Berlin"))
    visit = make_appointment(berlin, "10:00", on=datetime(2027, 3, 28).date())  # noqa: DTZ001 — a day

    one_look(visit.starts_at - timedelta(hours=23, minutes=1))
    assert not Message.objects.exists()
    one_look(visit.starts_at - timedelta(hours=23))

    assert Message.objects.get().send_at == visit.starts_at - timedelta(hours=23)


def test_whoever_books_later_than_that_needs_no_reminder(
    clinic: Clinic, reminder: Scenario
) -> None:
    make_appointment(clinic, "10:00", created_at=clinic.at("12:00") - DAY)

    one_look(clinic.at("12:05") - DAY)

    assert not Run.objects.exists()


def test_a_moved_visit_is_reminded_of_its_new_time_only(clinic: Clinic, reminder: Scenario) -> None:
    visit = make_appointment(clinic, "10:00")
    one_look(clinic.at("08:00") - DAY)
    move(visit, clinic.at("15:00"))

    one_look(clinic.at("10:00") - DAY)
    one_look(clinic.at("15:00") - DAY)

    assert "15:00" in Message.objects.get().body
    assert Run.objects.get(status=RunStatus.LEFT).left_reason == "moved"


def test_a_cancelled_visit_is_not_reminded(clinic: Clinic, reminder: Scenario) -> None:
    visit = make_appointment(clinic, "10:00")
    one_look(clinic.at("08:00") - DAY)
    Appointment.objects.filter(pk=visit.pk).update(status="CANCELLED", cancel_reason="ILLNESS")

    one_look(clinic.at("10:00") - DAY)

    assert not Message.objects.exists()
    assert Run.objects.get().left_reason == "cancelled"


def test_a_scenario_that_is_off_starts_nothing(clinic: Clinic, reminder: Scenario) -> None:
    reminder.is_active = False
    reminder.save()
    make_appointment(clinic, "10:00")

    one_look(clinic.at("10:00") - DAY)

    assert not Run.objects.exists()


def move(visit: Appointment, starts_at: datetime) -> None:
    ends_at = starts_at + (visit.ends_at - visit.starts_at)
    Appointment.objects.filter(pk=visit.pk).update(starts_at=starts_at, ends_at=ends_at)
