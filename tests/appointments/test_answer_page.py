from collections.abc import Iterator, Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from appointments.models import Appointment
from clinic.models import Branch, Service
from messaging.actions import revoke_links
from messaging.models import LinkPurpose
from outbox.models import Event
from tests.appointments.factories import NOW, open_door
from tests.factories import Clinic, make_appointment
from worklist.models import Task


@pytest.fixture(autouse=True)
def day_before() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def made(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "10:00")


@pytest.fixture
def link(made: Appointment) -> str:
    return open_door(made)


def state(made: Appointment) -> Mapping[str, object]:
    return Appointment.objects.filter(pk=made.pk).values().get()


def test_the_page_says_when_and_where(client: Client, link: str, clinic: Clinic) -> None:
    page = client.get(link).content.decode()

    assert "Вторник, 1 декабря" in page
    assert "10:00" in page
    assert "Москва, ул. Ленина, 5" in page
    assert "tel:+74951234567" in page


def test_the_page_keeps_the_secret(client: Client, link: str, clinic: Clinic) -> None:
    page = client.get(link).content.decode()

    for secret in (
        clinic.service.name,
        clinic.doctor.last_name,
        clinic.doctor.position,
        clinic.patient.last_name,
    ):
        assert secret not in page
    assert "<title>Ваш визит" in page
    assert 'name="referrer" content="same-origin"' in page


@pytest.mark.parametrize("agent", ["Mozilla/5.0", "SkypeUriPreview", "TelegramBot"])
def test_looking_changes_nothing(client: Client, link: str, made: Appointment, agent: str) -> None:
    before = state(made)

    for method in (client.get, client.head):
        response = method(link, {"answer": "cancel"}, headers={"User-Agent": agent})
        assert response.status_code == 200

    assert state(made) == before
    assert not Event.objects.exists()
    assert "no-store" in response["Cache-Control"]


def test_the_patient_confirms(client: Client, link: str, made: Appointment) -> None:
    response = client.post(link, {"answer": "confirm"}, follow=True)

    made.refresh_from_db()
    assert made.status == "CONFIRMED"
    assert response.redirect_chain == [(link, 302)]
    assert "визит подтверждён" in response.content.decode()
    event = Event.objects.get()
    assert (event.actor_id, event.payload["by_patient"]) == (None, True)


@pytest.mark.parametrize(
    ("chosen", "stored"), [({}, "BY_LINK"), ({"reason": "ILLNESS"}, "ILLNESS")]
)
def test_the_patient_cancels_and_learns_where_to_call(
    client: Client, link: str, made: Appointment, chosen: dict[str, str], stored: str
) -> None:
    response = client.post(link, {"answer": "cancel", **chosen}, follow=True)

    made.refresh_from_db()
    assert (made.status, made.cancel_reason) == ("CANCELLED", stored)
    page = response.content.decode()
    assert "Визит отменён" in page
    assert "tel:+74951234567" in page
    assert "10:00" not in page


def test_the_patient_asks_for_a_call(client: Client, link: str, made: Appointment) -> None:
    response = client.post(link, {"answer": "ask", "wish": "после пяти"}, follow=True)

    made.refresh_from_db()
    assert made.wants_move
    assert Task.objects.get().note == "после пяти"
    assert "Мы позвоним" in response.content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"answer": "delete"},
        {"answer": "move", "version": 1},
        {"answer": "cancel", "reason": "WHATEVER"},
    ],
)
def test_nonsense_is_told_and_changes_nothing(
    client: Client, link: str, made: Appointment, sent: dict[str, str]
) -> None:
    before = state(made)

    response = client.post(link, sent)

    assert response.status_code == 422
    assert state(made) == before
    assert not Event.objects.exists()


def test_once_the_visit_has_begun_it_stays(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    with time_machine.travel(clinic.at("10:00"), tick=False):
        shown = client.get(link)
        refused = client.post(link, {"answer": "cancel"})

    assert "позвоните" in shown.content.decode()
    assert 'value="cancel"' not in shown.content.decode()
    assert refused.status_code == 409
    made.refresh_from_db()
    assert made.status == "BOOKED"


def test_after_the_cutoff_only_the_phone_cancels(
    client: Client, link: str, made: Appointment, clinic: Clinic
) -> None:
    Service.objects.filter(pk=clinic.service.pk).update(cancel_cutoff=timedelta(days=1))

    page = client.get(link).content.decode()
    refused = client.post(link, {"answer": "cancel"})

    assert 'value="cancel"' not in page
    assert "time/" not in page
    assert "Отменить или перенести визит здесь уже поздно" in page
    assert 'value="confirm"' in page
    assert refused.status_code == 409
    assert "Позвоните, пожалуйста, в клинику: +7" in refused.content.decode()
    made.refresh_from_db()
    assert made.status == "BOOKED"


def test_a_link_that_is_no_good_says_nothing_more(client: Client, made: Appointment) -> None:
    expired, revoked = open_door(made, expires_at=NOW), open_door(made)
    revoke_links(purpose=LinkPurpose.APPOINTMENT, subject_id=made.pk, now=NOW)

    answers = [client.get(address) for address in (expired, revoked, "/v/never-issued/")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_without_a_token_of_the_form_nothing_is_done(link: str, made: Appointment) -> None:
    careful = Client(enforce_csrf_checks=True)

    assert careful.post(link, {"answer": "cancel"}).status_code == 403
    made.refresh_from_db()
    assert made.status == "BOOKED"


def test_the_page_is_light_and_needs_no_script(client: Client, link: str) -> None:
    with translation.override("ru"):
        page = client.get(link).content

    assert len(page) < 30_000
    assert b"<script" not in page
    assert b"http://" not in page.replace(b"http://www.w3.org", b"")


def test_one_link_shows_and_answers_all_services_of_the_visit(
    client: Client, clinic: Clinic
) -> None:
    bundle = uuid4()
    first = make_appointment(clinic, "10:00", bundle=bundle)
    second = make_appointment(clinic, "10:30", bundle=bundle)
    link = open_door(second)

    page = client.get(link).content.decode()
    client.post(link, {"answer": "confirm"})

    assert "10:00" in page
    assert "затем в 10:30" in page
    for made in (first, second):
        made.refresh_from_db()
        assert made.status == "CONFIRMED"


def test_the_way_there_is_told_and_the_map_is_a_link(
    client: Client, link: str, clinic: Clinic
) -> None:
    Branch.objects.filter(pk=clinic.branch.pk).update(
        directions="Вход со двора, второй этаж.", map_url="https://yandex.ru/maps/-/abc"
    )

    page = client.get(link).content.decode()

    assert "Вход со двора, второй этаж." in page
    assert 'href="https://yandex.ru/maps/-/abc" rel="noopener noreferrer"' in page


def test_how_to_prepare_stands_a_tap_further(client: Client, link: str, clinic: Clinic) -> None:
    told = "Не ешьте четыре часа перед визитом."
    Service.objects.filter(pk=clinic.service.pk).update(preparation=told)

    first = client.get(link).content.decode()
    second = client.get(f"{link}more/").content.decode()

    assert told not in first
    assert f"{link}more/" in first
    assert told in second
    assert clinic.service.name not in second
    assert "<title>Ваш визит" in second
