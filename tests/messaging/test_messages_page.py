from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clinic.models import User
from messaging.actions import pause_channel
from messaging.models import ChannelPause, Message
from patients.models import Channel, Patient
from tests.factories import make_patient
from tests.messaging.factories import make_message

SignIn = Callable[[User], Client]
NOW = timezone.now()
SECRET = "bO3kZ0vWmTq9yXcR1aLd5g"
LIST = reverse("messaging:messages")


@pytest.fixture
def anna(db: None) -> Patient:
    return make_patient(
        phone="+79161234567", email="anna@example.com", last_name="Смирнова", first_name="Анна"
    )


def detail(message: Message) -> str:
    return reverse("messaging:message", args=[message.pk])


def test_the_list_says_what_went_and_why_the_rest_did_not(
    client_for: SignIn, viktor: User, anna: Patient
) -> None:
    make_message(anna, now=NOW)
    held = make_message(anna, now=NOW)
    Message.objects.filter(pk=held.pk).update(status="SUPPRESSED", reason="cancelled")

    page = client_for(viktor).get(LIST)

    assert page.status_code == 200
    assert "Запись отменена." in page.text
    assert "+7 916 123-45-67" in page.text.replace("\xa0", " ")
    assert page.text.count("Смирнова") == 2


def test_a_marketer_sees_neither_phone_nor_e_mail(
    client_for: SignIn, marina: User, anna: Patient
) -> None:
    message = make_message(anna, now=NOW)
    client = client_for(marina)

    for page in (client.get(LIST), client.get(detail(message))):
        assert "•••-45-67" in page.text
        assert "123-45-67" not in page.text
        assert "9161234567" not in page.text


def test_nobody_sees_the_secret_of_a_link(client_for: SignIn, olga: User, anna: Patient) -> None:
    message = make_message(anna, now=NOW)
    client = client_for(olga)

    assert SECRET in message.body
    for address in (LIST, detail(message)):
        page = client.get(address)
        assert SECRET not in page.text
        assert "clinic.ru/v/…/" in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("state=waiting", 1),
        ("state=not_sent", 1),
        ("state=unknown", 0),
        ("kind=appointment_reminder", 2),
        ("kind=review_request", 0),
        ("channel=EMAIL", 0),
        ("text=смирн", 2),
        ("text=4567", 2),
        ("text=иванова", 0),
        ("days=1", 2),
        ("patient=999999", 0),
        ("state=nonsense&days=soon", 2),
    ],
)
def test_filters_narrow_the_list(
    client_for: SignIn, viktor: User, anna: Patient, query: str, found: int
) -> None:
    make_message(anna, now=timezone.now())
    held = make_message(anna, now=timezone.now())
    Message.objects.filter(pk=held.pk).update(status="SUPPRESSED", reason="cancelled")

    page = client_for(viktor).get(f"{LIST}?{query}", headers={"HX-Request": "true"})

    assert page.text.count('class="sent row-link"') == found
    assert "<html" not in page.text


def test_old_messages_are_asked_for(client_for: SignIn, viktor: User, anna: Patient) -> None:
    message = make_message(anna, now=NOW)
    Message.objects.filter(pk=message.pk).update(created_at=NOW - timedelta(days=20))
    client = client_for(viktor)

    assert client.get(LIST).context["lines"] == []
    assert len(client.get(f"{LIST}?days=30").context["lines"]) == 1


def test_the_list_costs_the_same_for_many(
    client_for: SignIn,
    viktor: User,
    anna: Patient,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(viktor)
    make_message(anna, now=NOW)
    client.get(LIST)
    with django_assert_num_queries(7):
        client.get(LIST)
    for _ in range(20):
        make_message(make_patient(phone="+79161234567"), now=NOW)

    with django_assert_num_queries(7):
        client.get(LIST)


def test_an_empty_list_says_how_to_fill_it(client_for: SignIn, viktor: User) -> None:
    assert "Сообщений пока нет" in client_for(viktor).get(LIST).text


def test_a_paused_channel_is_told_and_can_be_tried_at_once(
    client_for: SignIn, olga: User, marina: User
) -> None:
    pause_channel(channel=Channel.SMS, reason="no_money", now=timezone.now())
    resume = reverse("messaging:channel_resume", args=["SMS"])

    page = client_for(olga).get(LIST)
    assert "закончились деньги" in page.text
    assert client_for(marina).post(resume).status_code == 403
    assert ChannelPause.objects.exists()

    assert client_for(olga).post(resume).status_code == 302
    assert not ChannelPause.objects.exists()
    assert client_for(olga).post(reverse("messaging:channel_resume", args=["x"])).status_code == 404


def test_a_letter_is_shown_as_it_reads(client_for: SignIn, olga: User, anna: Patient) -> None:
    anna.channel = Channel.EMAIL
    anna.save()
    message = make_message(anna, now=NOW)

    page = client_for(olga).get(detail(message))

    assert "Ответить: https://clinic.ru/v/…/" in page.text
    assert "Ждём вас 02.12 в 10:00" in page.text


def test_markup_in_a_name_is_text(client_for: SignIn, olga: User) -> None:
    patient = make_patient(phone="+79161234567", first_name="<script>alert(1)</script>")
    patient.channel = Channel.EMAIL
    patient.save()
    message = make_message(patient, now=NOW)

    page = client_for(olga).get(detail(message))

    assert "<script>alert" not in page.text


def test_the_api_lists_and_shows(client_for: SignIn, olga: User, anna: Patient) -> None:
    message = make_message(anna, now=NOW)
    client = client_for(olga)

    listed = client.get("/api/v1/messages/", {"patient": str(anna.pk), "state": "waiting"}).json()
    one = client.get(f"/api/v1/messages/{message.pk}/").json()

    assert (listed["count"], listed["results"][0]) == (1, one)
    assert (one["address"], one["status"], one["kind"]) == (
        "+79161234567",
        "QUEUED",
        "appointment_reminder",
    )
    assert SECRET not in one["text"]


def test_the_api_masks_for_a_marketer_and_refuses_a_doctor(
    client_for: SignIn, marina: User, dmitry: User, anna: Patient
) -> None:
    message = make_message(anna, now=NOW)
    address = f"/api/v1/messages/{message.pk}/"

    assert client_for(marina).get(address).json()["address"] == "+7 ••• •••-45-67"
    assert client_for(dmitry).get(address).status_code == 403
    assert client_for(marina).get("/api/v1/messages/999999/").status_code == 404
    assert client_for(marina).get("/api/v1/messages/?state=lost").json()["code"] == "invalid"
