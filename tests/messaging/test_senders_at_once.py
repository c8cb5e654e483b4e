"""Many senders on connections of their own, and each mechanism switched off, which must show."""

import time
from collections import Counter
from datetime import UTC, datetime
from threading import Event

import pytest
from django.db.models import QuerySet

from messaging.gateways import Letter
from messaging.models import Message
from messaging.sender import send_next
from patients.models import Channel, Patient
from tests.factories import make_patient
from tests.messaging.factories import expire_lease, make_message
from tests.messaging.gateways import AskableScriptedGateway, ScriptedGateway
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
SENDERS = 6
MESSAGES = 90
Status = Message.Status


@pytest.fixture
def anna() -> Patient:
    return make_patient(phone="+79161234567")


def run_senders(gateway: ScriptedGateway) -> None:
    def drain() -> None:
        while send_next(channel=Channel.SMS, now=NOW, gateway=gateway):
            pass

    results = run_at_once([drain] * SENDERS)
    assert [result for result in results if result is not None] == []


def test_each_message_is_handed_over_once(anna: Patient) -> None:
    messages = [make_message(anna, now=NOW) for _ in range(MESSAGES)]
    gateway = ScriptedGateway(before=lambda letter: time.sleep(0.001))
    gateway.batch = 7

    run_senders(gateway)

    handed = Counter(letter.id for letter in gateway.accepted)
    assert handed == Counter(message.pk for message in messages)
    assert set(Message.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}


def test_control_without_the_lock_messages_are_handed_over_twice(
    anna: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(rows: QuerySet[Message], **options: object) -> QuerySet[Message]:
        return rows.all()

    for _ in range(MESSAGES):
        make_message(anna, now=NOW)
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    gateway = ScriptedGateway(before=lambda letter: time.sleep(0.001))

    run_senders(gateway)

    assert max(Counter(letter.id for letter in gateway.accepted).values()) > 1


class Zombie:
    """A sender that stops in the middle of a call until its successor has done the work."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.asleep, self.awake = Event(), Event()
        self.gateway = AskableScriptedGateway(before=self.sleep)

    def sleep(self, letter: Letter) -> None:
        self.asleep.set()
        self.awake.wait(10)

    def send(self) -> None:
        send_next(channel=Channel.SMS, now=NOW, gateway=self.gateway)

    def take_over(self) -> None:
        self.asleep.wait(10)
        self.gateway.before = None
        expire_lease(self.message)
        self.send()
        self.awake.set()


def test_a_sender_that_slept_through_its_lease_writes_nothing(anna: Patient) -> None:
    """The gateway is of class A: it takes an id once, so the zombie's call does no harm either."""
    message = make_message(anna, now=NOW)
    zombie = Zombie(message)

    assert run_at_once([zombie.send, zombie.take_over]) == [None, None]

    message.refresh_from_db()
    assert (message.status, message.reason, message.attempts) == (Status.SENT, "", 2)
    assert zombie.gateway.asked == [message.pk]
    assert (zombie.gateway.calls, len(zombie.gateway.accepted)) == (2, 1)


def test_control_without_the_token_the_zombie_spoils_the_state(
    anna: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    filter_rows = QuerySet.filter

    def forgiving(
        rows: QuerySet[Message], *conditions: object, **fields: object
    ) -> QuerySet[Message]:
        fields.pop("lease", None)
        return filter_rows(rows, *conditions, **fields)

    message = make_message(anna, now=NOW)
    zombie = Zombie(message)
    monkeypatch.setattr(QuerySet, "filter", forgiving)

    run_at_once([zombie.send, zombie.take_over])

    message.refresh_from_db()
    assert (message.status, message.reason) == (Status.SENT, "same_again")
    assert message.lease is not None
