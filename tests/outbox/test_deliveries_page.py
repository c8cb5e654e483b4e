from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from outbox.actions import record_event
from outbox.models import Delivery
from tests.outbox.factories import KettleBoiled, reacting

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
PAGE = reverse("outbox:deliveries")
Status = Delivery.Status


def make_delivery(status: str = Status.DEAD, attempts: int = 12) -> Delivery:
    with reacting(spill=lambda event, now: None):
        record_event(KettleBoiled(patient_id=None, cups=1), actor_id=None, now=timezone.now())
    delivery = Delivery.objects.latest("pk")
    delivery.status, delivery.attempts, delivery.last_error = status, attempts, "ValueError"
    delivery.save()
    return delivery


def test_what_stopped_waits_with_a_button(client_for: SignIn, viktor: User) -> None:
    dead = make_delivery()

    page = client_for(viktor).get(PAGE)

    assert "ValueError" in page.text
    assert reverse("outbox:delivery_retry", args=[dead.pk]) in page.text


def test_the_button_gives_fresh_attempts(client_for: SignIn, viktor: User) -> None:
    dead = make_delivery()

    answer = client_for(viktor).post(reverse("outbox:delivery_retry", args=[dead.pk]))

    assert answer.status_code == 302
    dead.refresh_from_db()
    assert (dead.status, dead.attempts) == (Status.QUEUED, 0)


def test_a_second_click_says_that_it_is_done(client_for: SignIn, viktor: User) -> None:
    dead = make_delivery(status=Status.DONE)
    client = client_for(viktor)

    page = client.post(reverse("outbox:delivery_retry", args=[dead.pk]), follow=True)

    assert "уже выполнена" in page.text
    dead.refresh_from_db()
    assert dead.status == Status.DONE


def test_all_are_tried_again_at_once(client_for: SignIn, viktor: User) -> None:
    make_delivery()
    make_delivery()

    page = client_for(viktor).post(reverse("outbox:deliveries_retry"), follow=True)

    assert "2 доставки отправлены повторно." in page.text
    assert set(Delivery.objects.values_list("status", flat=True)) == {Status.QUEUED}


def test_figures_open_their_rows(client_for: SignIn, viktor: User) -> None:
    make_delivery()
    make_delivery(status=Status.QUEUED, attempts=3)
    make_delivery(status=Status.QUEUED, attempts=0)
    make_delivery(status=Status.DONE)
    client = client_for(viktor)

    pages = [client.get(f"{PAGE}?state={state}") for state in ("dead", "trying", "waiting", "x")]

    assert [len(page.context["page"].object_list) for page in pages] == [1, 1, 1, 1]
    assert [tile.figure for tile in pages[0].context["tiles"]] == [1, 1, 1]


def test_nothing_stopped_is_good_news(client_for: SignIn, viktor: User) -> None:
    assert "Всё доставлено" in client_for(viktor).get(PAGE).text


def test_it_is_for_managers(client_for: SignIn, olga: User) -> None:
    dead = make_delivery()

    answer = client_for(olga).post(reverse("outbox:delivery_retry", args=[dead.pk]))

    assert answer.status_code == 403
    dead.refresh_from_db()
    assert dead.status == Status.DEAD
