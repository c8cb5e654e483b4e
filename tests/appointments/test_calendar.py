"""The visit in the patient's own calendar."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar
from icalendar import Event as Entry

from appointments.actions import cancel_appointment, move_appointment
from appointments.models import Appointment
from outbox.models import Event
from tests.appointments.factories import NOW, open_door
from tests.factories import Clinic, make_appointment


@pytest.fixture(autouse=True)
def day_before() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def made(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "10:00")


def read(client: Client, made: Appointment) -> Calendar:
    response = client.get(f"{open_door(made)}visit.ics")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content.decode())


def number_of(entry: Entry) -> int:
    return int(entry.decoded("sequence"))


def test_the_entry_says_when_and_where_and_no_more(
    client: Client, made: Appointment, clinic: Clinic
) -> None:
    response = client.get(f"{open_door(made)}visit.ics")
    calendar = Calendar.from_ical(response.content.decode())
    (entry,) = calendar.events

    assert calendar["METHOD"] == "PUBLISH"
    assert entry.decoded("dtstart") == made.starts_at
    assert entry.decoded("dtend") == made.ends_at
    assert str(entry["summary"]) == "Визит"
    assert str(entry["location"]) == "Москва, ул. Ленина, 5"
    text = response.content.decode()
    for secret in (clinic.service.name, clinic.doctor.last_name, clinic.patient.last_name):
        assert secret not in text
    assert not Event.objects.exists()


def test_a_moved_visit_updates_its_entry(client: Client, made: Appointment, clinic: Clinic) -> None:
    (before,) = read(client, made).events
    move_appointment(
        appointment_id=made.pk, starts_at=clinic.at("12:00"), version=1, actor_id=None, now=NOW
    )

    (after,) = read(client, made).events

    assert after["uid"] == before["uid"]
    assert number_of(after) > number_of(before)
    assert after.decoded("dtstart") == clinic.at("12:00")


def test_a_cancelled_visit_leaves_the_calendar(client: Client, made: Appointment) -> None:
    (before,) = read(client, made).events
    cancel_appointment(
        appointment_id=made.pk, reason="BY_LINK", by_patient=True, actor_id=None, now=NOW
    )

    calendar = read(client, made)

    (after,) = calendar.events
    assert calendar["METHOD"] == "CANCEL"
    assert (after["uid"], str(after["status"])) == (before["uid"], "CANCELLED")
    assert number_of(after) > number_of(before)


def test_every_service_of_a_visit_has_an_entry(client: Client, clinic: Clinic) -> None:
    bundle = uuid4()
    first = make_appointment(clinic, "10:00", bundle=bundle)
    make_appointment(clinic, "10:30", bundle=bundle)

    entries = read(client, first).events

    assert [entry.decoded("dtstart") for entry in entries] == [
        clinic.at("10:00"),
        clinic.at("10:30"),
    ]
