"""The SMS gateway over HTTP, against the fake vendor: each way in which a call can end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from messaging.gateways import Delivery, GatewaySilent, Letter, Outcome, Result, SmscGateway
from messaging.gateways import http as http_pool
from tests.sinks import Sinks

PHONE = "+79161234567"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sinks]:
    started = Sinks(tmp_path_factory.mktemp("sinks"))
    yield started
    started.stop()


@pytest.fixture
def sinks(running: Sinks) -> Sinks:
    running.begin()
    return running


@pytest.fixture
def gateway(sinks: Sinks) -> Iterator[SmscGateway]:
    made = make_gateway(sinks.url)
    yield made
    made.close()


def make_gateway(url: str, *, password: str = "demo") -> SmscGateway:
    return SmscGateway(url, login="demo", password=password, sender="CLINIC")


_ids = iter(range(1, 10_000))


def letter(phone: str = PHONE) -> Letter:
    return Letter(
        id=next(_ids), address=phone, subject="", body="Ждём вас 02.12 в 10:00", language="ru"
    )


def test_an_sms_is_accepted_under_our_id(gateway: SmscGateway, sinks: Sinks) -> None:
    sent = letter()

    outcome = gateway.send(sent)

    assert outcome == Outcome(result=Result.ACCEPTED, provider_id=str(sent.id))
    (entry,) = sinks.outbox()["sms"]
    assert (entry["id"], entry["phone"], entry["text"], entry["sender"]) == (
        sent.id,
        "79161234567",
        "Ждём вас 02.12 в 10:00",
        "CLINIC",
    )


@pytest.mark.parametrize(
    ("trouble", "result", "reason", "stops_channel"),
    [
        ({"error_code": 1}, Result.REJECTED, "bad_request", False),
        ({"error_code": 2}, Result.NOT_NOW, "auth", True),
        ({"error_code": 3}, Result.NOT_NOW, "no_money", True),
        ({"error_code": 4}, Result.NOT_NOW, "blocked", True),
        ({"error_code": 6}, Result.REJECTED, "forbidden_text", False),
        ({"error_code": 7}, Result.REJECTED, "bad_address", False),
        ({"error_code": 8}, Result.REJECTED, "undeliverable", False),
        ({"error_code": 9}, Result.UNCLEAR, "same_again", False),
        ({"http": 500}, Result.UNCLEAR, "gateway_failed", False),
        ({"http": 502}, Result.UNCLEAR, "gateway_failed", False),
        ({"http": 408}, Result.UNCLEAR, "gateway_failed", False),
        ({"http": 403}, Result.NOT_NOW, "auth", True),
        ({"http": 404}, Result.REJECTED, "bad_request", False),
        ({"http": 302}, Result.REJECTED, "bad_request", False),
        ({"http": 429}, Result.NOT_NOW, "throttled", False),
        ({"body": "<html>Bad gateway</html>"}, Result.UNCLEAR, "gateway_failed", False),
        ({"body": '{"id": 1, "cnt'}, Result.UNCLEAR, "gateway_failed", False),
        ({"body": '{"id": 1}'}, Result.UNCLEAR, "gateway_failed", False),
        ({"body": "[]"}, Result.UNCLEAR, "gateway_failed", False),
        ({"lose": "request"}, Result.UNCLEAR, "gateway_silent", False),
        ({"lose": "reply"}, Result.UNCLEAR, "gateway_silent", False),
    ],
)
def test_each_trouble_is_told_apart(
    gateway: SmscGateway,
    sinks: Sinks,
    trouble: dict[str, object],
    result: Result,
    reason: str,
    stops_channel: bool,
) -> None:
    sinks.script(trouble=[trouble])

    outcome = gateway.send(letter())

    assert (outcome.result, outcome.reason) == (result, reason)
    assert outcome.stops_channel is stops_channel
    assert gateway.send(letter()).result is Result.ACCEPTED


def test_the_gateway_says_how_long_to_wait(gateway: SmscGateway, sinks: Sinks) -> None:
    sinks.script(trouble=[{"http": 429, "wait": 90}, {"http": 429, "wait": "tomorrow"}])

    assert gateway.send(letter()).retry_after == timedelta(seconds=90)
    assert gateway.send(letter()).retry_after == timedelta(0)


def test_an_accepted_message_with_no_answer_is_found(
    gateway: SmscGateway, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_pool, "ANSWER_SECONDS", 0.2)
    sinks.script(trouble=[{"hang": 1}, {"lose": "reply"}, {"lose": "request"}])
    letters = [letter() for _ in range(3)]

    outcomes = [gateway.send(one) for one in letters]

    assert {(one.result, one.reason) for one in outcomes} == {(Result.UNCLEAR, "gateway_silent")}
    assert set(gateway.list_statuses(letters)) == {letters[0].id, letters[1].id}
    assert set(gateway.list_statuses(letters[2:])) == set()
    assert gateway.list_statuses(letters[:1])[letters[0].id].delivery is Delivery.ON_THE_WAY


def test_nothing_listens_and_nothing_was_accepted() -> None:
    gateway = make_gateway("http://127.0.0.1:9")

    assert gateway.send(letter()).reason == "gateway_unreachable"
    with pytest.raises(GatewaySilent):
        gateway.list_statuses([letter()])


def test_a_wrong_password_is_our_fault_and_no_status(sinks: Sinks) -> None:
    gateway = make_gateway(sinks.url, password="guess")

    assert gateway.send(letter()).reason == "auth"
    with pytest.raises(GatewaySilent):
        gateway.list_statuses([letter()])
    with pytest.raises(GatewaySilent):
        gateway.list_statuses([letter(), letter()])
    gateway.close()


@pytest.mark.parametrize(
    ("tail", "status", "reason"),
    [
        ("01", Delivery.DELIVERED, ""),
        ("03", Delivery.FAILED, "not_in_time"),
        ("20", Delivery.FAILED, "undeliverable"),
        ("22", Delivery.FAILED, "bad_address"),
        ("25", Delivery.FAILED, "undeliverable"),
    ],
)
def test_the_gateway_tells_what_became_of_a_message(
    gateway: SmscGateway, sinks: Sinks, tail: str, status: Delivery, reason: str
) -> None:
    sinks.script(statuses=[[0, 1]])
    sent = letter(f"+790000000{tail}")
    gateway.send(sent)

    told = gateway.list_statuses([sent, letter()])

    assert {pk: (one.delivery, one.reason) for pk, one in told.items()} == {
        sent.id: (status, reason)
    }


def test_connections_are_kept_and_a_dead_one_is_replaced(
    gateway: SmscGateway, sinks: Sinks
) -> None:
    for _ in range(3):
        gateway.send(letter())
    (kept,) = [connection for _since, connection in gateway._pool._idle]
    kept.sock.shutdown(2)

    assert gateway.send(letter()).result is Result.ACCEPTED
    assert len(sinks.outbox()["sms"]) == 4


def test_a_text_that_cannot_be_encoded_leaves_the_connection_alone(gateway: SmscGateway) -> None:
    broken = Letter(id=next(_ids), address=PHONE, subject="", body="\ud800", language="ru")

    with pytest.raises(UnicodeEncodeError):
        gateway.send(broken)

    assert gateway.send(letter()).result is Result.ACCEPTED
