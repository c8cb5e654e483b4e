from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from messaging.models import MessageStatus
from outbox.models import Delivery, DeliveryStatus, Event
from tests.factories import make_patient
from tests.messaging.factories import KIND, always_wanted, make_message, registered

LONG = timedelta(minutes=4)


@pytest.mark.django_db
def test_it_is_healthy_with_its_servers_up(client: Client) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_it_serves_on_without_a_broker_and_says_so(client: Client, settings: Settings) -> None:
    closed = {"BACKEND": "django.core.cache.backends.redis.RedisCache"}
    settings.CACHES = {"default": closed | {"LOCATION": "redis://127.0.0.1:1/0"}}

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "unreachable"}


def ask_about_work(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/healthz/work")
    return response.status_code, response.json()


def make_delivery(*, waited: timedelta, status: DeliveryStatus) -> Delivery:
    now = timezone.now()
    event = Event.objects.create(name="tests.Happened", occurred_at=now, payload={})
    return Delivery.objects.create(
        event=event, handler="tests.react", status=status, available_at=now - waited
    )


@pytest.mark.django_db
def test_work_is_in_time_when_nothing_waits(client: Client) -> None:
    make_delivery(waited=-LONG, status=DeliveryStatus.QUEUED)
    make_delivery(waited=LONG, status=DeliveryStatus.DONE)
    make_delivery(waited=LONG, status=DeliveryStatus.DEAD)

    assert ask_about_work(client) == (200, {"late": False, "deliveries": 0, "messages": 0})


@pytest.mark.django_db
def test_an_old_delivery_raises_the_alarm(client: Client) -> None:
    make_delivery(waited=LONG, status=DeliveryStatus.QUEUED)

    status, body = ask_about_work(client)

    assert (status, body["late"], body["messages"]) == (503, True, 0)
    assert body["deliveries"] >= LONG.total_seconds()


@pytest.mark.django_db
def test_an_old_message_raises_the_alarm_until_it_has_gone(client: Client) -> None:
    patient = make_patient(phone="+79161234567")
    with registered(KIND, always_wanted):
        message = make_message(patient, now=timezone.now() - LONG)

    assert ask_about_work(client)[0] == 503

    message.status = MessageStatus.SENT
    message.save()
    assert ask_about_work(client)[0] == 200
