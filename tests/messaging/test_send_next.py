"""One sender, a gateway in memory: what becomes of a message after each kind of answer."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.gateways import Letter, Outcome, Result
from messaging.models import ChannelPause, Message
from messaging.sender import send_next
from outbox.models import Event
from patients.models import Channel, Patient
from tests.factories import make_patient
from tests.messaging.factories import (
    expire_lease,
    give_marketing_consent,
    make_marketing_message,
    make_message,
)
from tests.messaging.gateways import (
    ACCEPTED,
    BUSY,
    NO_MONEY,
    UNCLEAR,
    WRONG_NUMBER,
    AskableScriptedGateway,
    MailGateway,
    ScriptedGateway,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)  # noon in Moscow
Status = Message.Status


@pytest.fixture
def anna() -> Patient:
    return make_patient(phone="+79161234567", email="anna@example.com")


def send(gateway: ScriptedGateway, *, after: timedelta = timedelta(0)) -> bool:
    return send_next(channel=gateway.channel, now=NOW + after, gateway=gateway)


def test_a_due_message_is_sent_once(anna: Patient) -> None:
    message = make_message(anna, now=NOW)
    gateway = AskableScriptedGateway()

    assert send(gateway)
    assert not send(gateway)

    message.refresh_from_db()
    assert [letter.id for letter in gateway.accepted] == [message.pk]
    assert (message.status, message.sent_at, message.provider_id) == (Status.SENT, NOW, "1")
    assert (message.attempts, message.lease) == (1, None)
    assert Event.objects.get().name == "messaging.MessageSent"


@pytest.mark.parametrize("outcome", [ACCEPTED, WRONG_NUMBER])
def test_what_is_over_forgets_its_secret_links(anna: Patient, outcome: Outcome) -> None:
    give_marketing_consent(anna, Channel.SMS, now=NOW)
    reminder = make_message(anna, now=NOW)
    offer = make_marketing_message(anna, now=NOW)
    gateway = AskableScriptedGateway(outcome, outcome)

    send(gateway)

    reminder.refresh_from_db()
    offer.refresh_from_db()
    assert reminder.body.endswith("Ответить: clinic.ru/v/…/")
    assert offer.body.endswith("Отписаться: http://localhost:8000/u/…/")
    assert offer.unsubscribe_url == "http://localhost:8000/u/…/"
    if outcome is ACCEPTED:
        assert "…" not in gateway.accepted[0].body


def test_what_is_not_due_waits(anna: Patient) -> None:
    make_message(anna, now=NOW, send_at=NOW + timedelta(minutes=1))
    gateway = AskableScriptedGateway()

    assert not send(gateway)
    assert send(gateway, after=timedelta(minutes=1))
    assert len(gateway.accepted) == 1


def test_service_goes_before_marketing(anna: Patient) -> None:
    give_marketing_consent(anna, Channel.SMS, now=NOW)
    offer = make_marketing_message(anna, now=NOW - timedelta(hours=1))
    reminder = make_message(anna, now=NOW)
    gateway = AskableScriptedGateway()
    gateway.batch = 1

    send(gateway)
    send(gateway)

    assert [letter.id for letter in gateway.accepted] == [reminder.pk, offer.pk]


def test_a_wrong_number_is_the_end(anna: Patient) -> None:
    message = make_message(anna, now=NOW)
    gateway = AskableScriptedGateway(WRONG_NUMBER)

    send(gateway)

    message.refresh_from_db()
    assert (message.status, message.reason) == (Status.FAILED, "bad_address")
    assert not send(gateway, after=timedelta(hours=1))
    assert Event.objects.get().payload == {"message_id": message.pk, "reason": "bad_address"}


def test_a_busy_gateway_is_tried_again_ever_later(anna: Patient) -> None:
    message = make_message(anna, now=NOW)
    gateway = AskableScriptedGateway(BUSY, BUSY, BUSY)
    pauses = []

    at = NOW
    for _ in range(3):
        send_next(channel=Channel.SMS, now=at, gateway=gateway)
        message.refresh_from_db()
        pauses.append((message.send_at - at).total_seconds())
        at = message.send_at
    send_next(channel=Channel.SMS, now=at, gateway=gateway)

    message.refresh_from_db()
    assert pauses == [30, 60, 120]
    assert (message.status, message.attempts, gateway.asked) == (Status.SENT, 4, [])


def test_the_gateway_may_ask_for_a_longer_pause(anna: Patient) -> None:
    message = make_message(anna, now=NOW)
    slow_down = Outcome(
        result=Result.NOT_NOW, reason="throttled", retry_after=timedelta(minutes=15)
    )

    send(AskableScriptedGateway(slow_down))

    message.refresh_from_db()
    assert message.send_at == NOW + timedelta(minutes=15)


def test_a_gateway_that_never_has_time_fails_the_message_in_the_end(anna: Patient) -> None:
    message = make_message(anna, now=NOW, expires_at=NOW + timedelta(seconds=45))
    gateway = AskableScriptedGateway(BUSY, BUSY)

    send(gateway)
    send(gateway, after=timedelta(seconds=30))

    message.refresh_from_db()
    assert (message.status, message.reason) == (Status.FAILED, "gateway_busy")


@pytest.mark.parametrize("was_accepted", [True, False])
def test_after_an_unclear_end_the_gateway_is_asked_first(anna: Patient, was_accepted: bool) -> None:
    message = make_message(anna, now=NOW)
    gateway = AskableScriptedGateway(UNCLEAR)
    send(gateway)
    message.refresh_from_db()
    assert (message.status, message.reason) == (Status.SENDING, "gateway_silent")
    assert not send(gateway)  # not before the gateway has had time to settle
    if was_accepted:
        gateway.accepted.append(letter_of(message))
    expire_lease(message)

    send(gateway)

    message.refresh_from_db()
    assert gateway.asked == [message.pk]
    assert message.status == Status.SENT
    assert [letter.id for letter in gateway.accepted] == [message.pk]
    assert gateway.calls == (1 if was_accepted else 2)


def test_while_the_gateway_does_not_answer_nothing_is_sent_again(anna: Patient) -> None:
    message = make_message(anna, now=NOW)
    gateway = AskableScriptedGateway(UNCLEAR)
    gateway.is_silent = True
    for _ in range(3):
        send(gateway)
        expire_lease(message)

    message.refresh_from_db()
    assert (message.status, gateway.calls) == (Status.SENDING, 1)

    send(gateway, after=timedelta(days=2, minutes=1))

    message.refresh_from_db()
    assert (message.status, message.reason) == (Status.UNKNOWN, "gateway_silent")


def test_without_look_up_a_service_message_goes_once_more_and_is_marked(anna: Patient) -> None:
    anna.channel = Channel.EMAIL
    anna.save()
    message = make_message(anna, now=NOW)
    gateway = MailGateway(UNCLEAR)

    send(gateway)
    send(gateway, after=timedelta(minutes=1))

    message.refresh_from_db()
    assert (message.status, message.is_possible_duplicate) == (Status.SENT, True)
    assert gateway.calls == 2


def test_without_look_up_two_unclear_ends_are_unknown(anna: Patient) -> None:
    anna.channel = Channel.EMAIL
    anna.save()
    message = make_message(anna, now=NOW)
    gateway = MailGateway(UNCLEAR, UNCLEAR)

    send(gateway)
    send(gateway, after=timedelta(minutes=1))
    send(gateway, after=timedelta(hours=1))

    message.refresh_from_db()
    assert (message.status, gateway.calls) == (Status.UNKNOWN, 2)


def test_marketing_without_look_up_is_never_repeated(anna: Patient) -> None:
    anna.channel = Channel.EMAIL
    anna.save()
    give_marketing_consent(anna, Channel.EMAIL, now=NOW)
    message = make_marketing_message(anna, now=NOW)
    gateway = MailGateway(UNCLEAR)

    send(gateway)
    send(gateway, after=timedelta(hours=1))

    message.refresh_from_db()
    assert (message.status, message.reason) == (Status.UNKNOWN, "gateway_silent")
    assert gateway.calls == 1


def test_no_money_pauses_the_channel_and_costs_no_attempt(anna: Patient) -> None:
    messages = [make_message(anna, now=NOW) for _ in range(3)]
    gateway = AskableScriptedGateway(NO_MONEY)
    gateway.threads = 1

    send(gateway)
    assert not send(gateway, after=timedelta(minutes=9))

    assert gateway.calls == 1
    assert ChannelPause.objects.get().reason == "no_money"
    rows = Message.objects.filter(pk__in=[message.pk for message in messages])
    assert {(row.status, row.attempts) for row in rows} == {(Status.QUEUED, 0)}
    assert Event.objects.get().name == "messaging.ChannelPaused"


def test_after_a_pause_one_message_tries_the_way_for_all(anna: Patient) -> None:
    for _ in range(3):
        make_message(anna, now=NOW)
    gateway = AskableScriptedGateway(NO_MONEY, NO_MONEY)
    gateway.threads = 1
    send(gateway)

    send(gateway, after=timedelta(minutes=10))
    assert gateway.calls == 2
    send(gateway, after=timedelta(minutes=20))
    assert len(gateway.accepted) == 1
    assert not ChannelPause.objects.exists()

    send(gateway, after=timedelta(minutes=20))
    assert len(gateway.accepted) == 3


def test_a_poison_message_fails_alone(anna: Patient) -> None:
    messages = [make_message(anna, now=NOW) for _ in range(3)]

    def choke(letter: Letter) -> None:
        if letter.id == messages[1].pk:
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    gateway = AskableScriptedGateway(before=choke)
    at = NOW
    for _ in range(12):
        send_next(channel=Channel.SMS, now=at, gateway=gateway)
        expire_lease(*messages)

    statuses = [Message.objects.get(pk=message.pk).status for message in messages]
    assert statuses == [Status.SENT, Status.FAILED, Status.SENT]
    assert gateway.calls == 2


def test_a_batch_that_takes_too_long_gives_the_rest_back(
    anna: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [make_message(anna, now=NOW) for _ in range(3)]
    monkeypatch.setattr("messaging.sender.CALLS_START_WITHIN", -1)
    gateway = AskableScriptedGateway()

    assert send(gateway)

    rows = Message.objects.filter(pk__in=[message.pk for message in messages])
    assert {(row.status, row.attempts, row.lease) for row in rows} == {(Status.QUEUED, 0, None)}
    assert gateway.calls == 0


def letter_of(message: Message) -> Letter:
    return Letter(
        id=message.pk,
        address=message.address,
        subject="",
        body=message.body,
        language=message.language,
    )
