from datetime import datetime, timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from outbox.actions import (
    MAX_ATTEMPTS,
    NotDead,
    OutsideTransaction,
    deliver_next,
    forget_delivered,
    record_event,
    record_events,
    retry_delivery,
)
from outbox.events import DomainEvent
from outbox.models import Delivery, Event
from patients.models import Source
from tests.factories import make_source
from tests.outbox.factories import NOW, KettleBoiled, reacting

pytestmark = pytest.mark.django_db

Status = Delivery.Status


def boil(cups: int = 2) -> Event:
    return record_event(KettleBoiled(patient_id=None, cups=cups), actor_id=None, now=NOW)


def test_each_handler_hears_of_the_event_once() -> None:
    heard: list[tuple[str, int]] = []
    with reacting(
        tea=lambda event, now: heard.append(("tea", event.cups)),
        coffee=lambda event, now: heard.append(("coffee", event.cups)),
    ):
        boil(cups=3)

        assert [deliver_next(now=NOW) for _ in range(3)] == [True, True, False]

    assert sorted(heard) == [("coffee", 3), ("tea", 3)]
    assert {row.status for row in Delivery.objects.all()} == {Status.DONE}


def test_an_event_is_stored_with_whose_it_is_and_who_did_it() -> None:
    boil()

    stored = Event.objects.get()

    assert (stored.name, stored.payload) == ("tests.KettleBoiled", {"cups": 2})
    assert (stored.patient_id, stored.actor_id, stored.occurred_at) == (None, None, NOW)


def test_many_events_of_one_moment_are_told_in_two_statements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with reacting(tea=lambda event, now: None), django_assert_num_queries(2):
        record_events(
            [KettleBoiled(patient_id=None, cups=cups) for cups in range(20)],
            actor_id=None,
            now=NOW,
        )

    assert Delivery.objects.count() == 20


def test_a_handler_that_fails_is_rolled_back_alone_and_tried_again() -> None:
    def spill(event: KettleBoiled, now: datetime) -> None:
        make_source()
        raise ValueError("Анна Петрова обожглась")

    with reacting(spill=spill, tea=lambda event, now: None):
        boil()
        deliver_next(now=NOW)
        deliver_next(now=NOW)

    failed = Delivery.objects.get(handler="spill")
    assert (failed.status, failed.attempts, failed.last_error) == (Status.QUEUED, 1, "ValueError")
    assert failed.available_at == NOW + timedelta(seconds=2)
    assert Delivery.objects.get(handler="tea").status == Status.DONE
    assert not Source.objects.filter(code__startswith="source-").exists()


def test_after_many_failures_the_delivery_waits_for_a_person_who_sends_it_again() -> None:
    is_broken = True

    def tea(event: KettleBoiled, now: datetime) -> None:
        if is_broken:
            raise ValueError

    with reacting(tea=tea):
        boil()
        at = NOW
        while deliver_next(now=at):
            at += timedelta(hours=1)
        dead = Delivery.objects.get()
        assert (dead.status, dead.attempts) == (Status.DEAD, MAX_ATTEMPTS)

        is_broken = False
        retry_delivery(delivery_id=dead.pk, now=at)
        assert deliver_next(now=at)

    dead.refresh_from_db()
    assert (dead.status, dead.attempts) == (Status.DONE, 1)


def test_what_is_not_dead_cannot_be_retried() -> None:
    with reacting(tea=lambda event, now: None):
        boil()

    with pytest.raises(NotDead):
        retry_delivery(delivery_id=Delivery.objects.get().pk, now=NOW)

    assert Delivery.objects.get().attempts == 0


def test_old_deliveries_go_and_events_stay() -> None:
    with reacting(tea=lambda event, now: None):
        boil()
        deliver_next(now=NOW)
        boil()
        deliver_next(now=NOW + timedelta(days=1))

    assert forget_delivered(now=NOW + timedelta(days=30, seconds=1)) == 1

    assert (Delivery.objects.count(), Event.objects.count()) == (1, 2)


def test_an_event_needs_a_name_of_its_own() -> None:
    with pytest.raises(TypeError, match="needs a name"):
        type("Nameless", (DomainEvent,), {})


@pytest.mark.django_db(transaction=True)
def test_an_event_is_recorded_only_with_its_cause() -> None:
    with pytest.raises(OutsideTransaction):
        boil()

    with transaction.atomic():
        boil()
    assert Event.objects.count() == 1
