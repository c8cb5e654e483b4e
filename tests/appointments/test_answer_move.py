"""The patient moves the visit himself: days, times, yes."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from appointments.actions import book_appointment, move_appointment
from appointments.models import Appointment, Hold
from clinic.models import Service
from outbox.actions import deliver_next
from outbox.models import Event
from tests.appointments.factories import NOW, make_order, open_door
from tests.factories import (
    DAY,
    Clinic,
    at,
    make_appointment,
    make_branch,
    make_clinic,
    make_patient,
    make_shift,
)
from tests.threads import run_at_once


@pytest.fixture(autouse=True)
def day_before() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def made(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "10:00")


@pytest.fixture
def link(made: Appointment) -> str:
    return f"{open_door(made)}time/"


def state(made: Appointment) -> Mapping[str, object]:
    return Appointment.objects.filter(pk=made.pk).values().get()


def offered(client: Client, link: str, on: date = DAY) -> list[datetime]:
    parts = client.get(link, {"on": on.isoformat()}).context["offer"].parts
    return [moment for _name, moments in parts for moment in moments]


def take(clinic: Clinic, clock: str, version: int = 1) -> dict[str, str]:
    return {"answer": "move", "version": str(version), "starts_at": clinic.at(clock).isoformat()}


def test_the_patient_chooses_a_time_and_takes_it(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    times = offered(client, link)

    asked = client.post(
        link, {"answer": "hold", "starts_at": clinic.at("12:00").isoformat()}, follow=True
    )
    taken = client.post(link, take(clinic, "12:00"))

    assert clinic.at("12:00") in times
    assert clinic.at("10:00") not in times
    assert asked.redirect_chain == [(f"{link}?to=2026-12-01T09%3A00Z", 302)]
    assert "Держим это время за вами до 12:10" in asked.content.decode()
    assert taken.headers["Location"] == link.removesuffix("time/")
    made.refresh_from_db()
    assert made.starts_at == clinic.at("12:00")
    assert not Hold.objects.exists()
    assert Event.objects.get(name="appointments.AppointmentMoved").payload["by_patient"] is True


def test_what_the_patient_chose_nobody_else_takes(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    client.post(link, {"answer": "hold", "starts_at": clinic.at("12:00").isoformat()})
    other = make_appointment(clinic, "15:00", patient=make_patient())
    rival = f"{open_door(other)}time/"

    refused = client.post(rival, take(clinic, "12:00"))

    assert clinic.at("12:00") not in offered(client, rival)
    assert clinic.at("12:00") in offered(client, link)
    assert refused.status_code == 409
    assert "сейчас кого-то записывают" in refused.content.decode()
    assert state(other)["starts_at"] == clinic.at("15:00")


def test_a_chosen_time_is_given_back(client: Client, link: str, clinic: Clinic) -> None:
    client.post(link, {"answer": "hold", "starts_at": clinic.at("12:00").isoformat()})

    response = client.post(link, {"answer": "drop"})

    assert response.headers["Location"] == link
    assert not Hold.objects.exists()


def test_a_time_beside_the_present_one_needs_no_hold(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    Service.objects.filter(pk=clinic.service.pk).update(duration=timedelta(minutes=60))
    Appointment.objects.filter(pk=made.pk).update(ends_at=clinic.at("11:00"))

    asked = client.post(
        link, {"answer": "hold", "starts_at": clinic.at("10:30").isoformat()}, follow=True
    )
    client.post(link, take(clinic, "10:30"))

    assert "Держим" not in asked.content.decode()
    assert state(made)["starts_at"] == clinic.at("10:30")


def test_looking_changes_nothing(client: Client, link: str, made: Appointment) -> None:
    before = state(made)

    for method in (client.get, client.head):
        for query in ({}, {"on": "2026-12-02"}, {"to": "2026-12-01T09:00Z", "answer": "move"}):
            assert method(link, query).status_code == 200

    assert state(made) == before
    assert not Event.objects.exists()
    assert not Hold.objects.exists()


def test_a_double_tap_moves_once(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    answers = [client.post(link, take(clinic, "12:00")) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Event.objects.filter(name="appointments.AppointmentMoved").count() == 1


def test_a_time_just_taken_is_told_and_others_are_offered(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    make_appointment(clinic, "12:00", patient=make_patient())
    before = state(made)

    response = client.post(f"{link}?on=2026-12-01", take(clinic, "12:00"))

    assert response.status_code == 409
    assert "только что заняли" in response.content.decode()
    assert response.context["offer"].parts
    assert state(made) == before


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"answer": "cancel"},
        {"answer": "hold"},
        {"answer": "move", "version": "1"},
        {"answer": "hold", "starts_at": "2026-12-01T12:00"},
        {"answer": "move", "version": "1", "starts_at": "2026-13-01T12:00:00Z"},
    ],
)
def test_nonsense_is_told_and_changes_nothing(
    client: Client, link: str, made: Appointment, sent: dict[str, str]
) -> None:
    before = state(made)

    assert client.post(link, sent).status_code == 422

    assert state(made) == before
    assert not Hold.objects.exists()


def test_the_rules_of_the_service_bind(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    Service.objects.filter(pk=clinic.service.pk).update(notice=timedelta(hours=24))

    refused = client.post(link, take(clinic, "12:00") | {"starts_at": "2026-12-01T06:30:00Z"})

    assert min(offered(client, link)) == clinic.at("12:00")
    assert refused.status_code == 409
    assert state(made)["starts_at"] == clinic.at("10:00")


def test_after_the_cutoff_only_the_phone_moves(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    Service.objects.filter(pk=clinic.service.pk).update(cancel_cutoff=timedelta(days=1))

    page = client.get(link)
    held = client.post(link, {"answer": "hold", "starts_at": clinic.at("12:00").isoformat()})
    moved = client.post(link, take(clinic, "12:00"))

    assert page.context["offer"] is None
    assert "tel:+74951234567" in page.content.decode()
    assert (held.status_code, moved.status_code) == (409, 409)
    assert not Hold.objects.exists()
    assert state(made)["starts_at"] == clinic.at("10:00")


def test_a_visit_whose_time_has_come_is_not_moved(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    with time_machine.travel(clinic.at("10:05"), tick=False):
        response = client.post(link, take(clinic, "14:00"))

    assert response.status_code == 409
    assert state(made)["starts_at"] == clinic.at("10:00")


def test_all_services_of_the_visit_go_together(client: Client, clinic: Clinic) -> None:
    bundle = uuid4()
    first = make_appointment(clinic, "10:00", bundle=bundle)
    second = make_appointment(clinic, "10:30", bundle=bundle)
    make_appointment(clinic, "13:00", patient=make_patient())
    link = f"{open_door(second)}time/"
    times = offered(client, link)

    client.post(link, {"answer": "hold", "starts_at": clinic.at("14:00").isoformat()})
    holds = Hold.objects.count()
    client.post(link, take(clinic, "14:00"))

    assert clinic.at("12:30") not in times
    assert clinic.at("14:00") in times
    assert holds == 2
    assert not Hold.objects.exists()
    assert state(first)["starts_at"] == clinic.at("14:00")
    assert state(second)["starts_at"] == clinic.at("14:30")


def test_days_are_those_of_the_branch(client: Client, db: None) -> None:
    """In Kamchatka it is tomorrow already when it is evening in Greenwich."""
    branch = make_branch(time_zone="Asia/Kamchatka")
    clinic = make_clinic(branch=branch)
    made = make_appointment(clinic, "10:00")
    make_shift(clinic.doctor, branch, on=DAY + timedelta(days=1))
    link = f"{open_door(made)}time/"

    with time_machine.travel(datetime(2026, 11, 30, 20, tzinfo=UTC), tick=False):
        offer = client.get(link).context["offer"]

    assert list(offer.days) == [DAY, DAY + timedelta(days=1)]
    assert offer.parts[0][1][0] == at(branch, "09:00")


def test_the_link_lives_on_with_the_visit(client: Client, clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=7))
    path = open_door(made, expires_at=made.ends_at)
    move_appointment(
        appointment_id=made.pk,
        starts_at=clinic.at("12:00", DAY + timedelta(days=7)),
        version=1,
        actor_id=None,
        now=NOW,
    )
    while deliver_next(now=NOW):
        pass

    with time_machine.travel(clinic.at("18:00"), tick=False):
        assert client.get(path).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_patients_one_gets_the_time() -> None:
    clinic = make_clinic(rooms=10)
    visits = [
        book_appointment(
            order=make_order(clinic, f"{9 + number:02}:00", patient_id=make_patient().pk),
            actor_id=None,
            now=NOW,
        )
        for number in range(6)
    ]
    links = [f"{open_door(visit)}time/" for visit in visits]

    def press(link: str) -> int:
        return Client().post(link, take(clinic, "16:00")).status_code

    statuses = run_at_once([partial(press, link) for link in links])

    assert sorted(map(str, statuses)) == ["302", *["409"] * 5]
    assert Appointment.objects.filter(starts_at=clinic.at("16:00")).count() == 1
