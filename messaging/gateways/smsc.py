"""SMS by the HTTP protocol of SMSC.ru, class A: it takes our id and can be asked by it.

`send.php` and `status.php` with `fmt=3`: JSON, errors with HTTP status 200. An id is a number of
31 bits, which a message's primary key is.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from messaging.gateways.base import (
    AskableGateway,
    Delivery,
    GatewaySilent,
    Outcome,
    Result,
    Status,
)
from messaging.gateways.http import Answer, HttpPool, NoAnswer, NotReached
from messaging.letters import Letter
from patients.models import Channel

REJECTIONS = {
    1: "bad_request",
    5: "bad_request",
    6: "forbidden_text",
    7: "bad_address",
    8: "undeliverable",
}
STOPS = {2: "auth", 3: "no_money", 4: "blocked"}
SAME_AGAIN = 9
"""The same text to the same number within a minute: the first may well have been ours."""

NOT_FOUND = -3
DELIVERED = frozenset({1, 2, 4})
FAILURES = {
    3: "not_in_time",
    20: "undeliverable",
    22: "bad_address",
    23: "forbidden_text",
    24: "no_money",
    25: "undeliverable",
}


class SmscGateway(AskableGateway):
    channel = Channel.SMS
    batch = 100
    threads = 16

    def __init__(self, base_url: str, *, login: str, password: str, sender: str) -> None:
        self._pool = HttpPool(base_url)
        self._account = {"login": login, "psw": password, "charset": "utf-8", "fmt": "3"}
        self._sender = {"sender": sender} if sender else {}

    def send(self, letter: Letter) -> Outcome:
        fields = {
            "phones": letter.address.removeprefix("+"),
            "mes": letter.body,
            "id": str(letter.id),
            "cost": "3",
        }
        try:
            answer = self._pool.post("/sys/send.php", self._account | self._sender | fields)
        except NotReached:
            return Outcome(result=Result.NOT_NOW, reason="gateway_unreachable")
        except NoAnswer:
            return Outcome(result=Result.UNCLEAR, reason="gateway_silent")
        return _refused_by_http(answer) or _read_send(answer)

    def list_statuses(self, letters: Sequence[Letter]) -> Mapping[int, Status]:
        fields = {
            "phone": ",".join(letter.address.removeprefix("+") for letter in letters),
            "id": ",".join(str(letter.id) for letter in letters),
        }
        try:
            answer = self._pool.post("/sys/status.php", self._account | fields)
            told = answer.json()
        except (NotReached, NoAnswer, ValueError) as error:
            raise GatewaySilent from error
        if answer.status != HTTPStatus.OK:
            raise GatewaySilent
        if len(letters) == 1 and isinstance(told, dict):
            told = [{"id": letters[0].id} | told]
        try:
            return dict(filter(None, map(_read_status, told)))
        except (KeyError, TypeError, ValueError) as error:
            raise GatewaySilent from error

    def close(self) -> None:
        self._pool.close()


def _refused_by_http(answer: Answer) -> Outcome | None:
    """What the web server in front of the protocol says; None when the protocol answered."""
    match answer.status:
        case HTTPStatus.OK:
            return None
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return Outcome(result=Result.NOT_NOW, reason="auth", stops_channel=True)
        case HTTPStatus.TOO_MANY_REQUESTS:
            wait = answer.headers.get("Retry-After", "")
            seconds = int(wait) if wait.isdigit() else 0
            return Outcome(
                result=Result.NOT_NOW,
                reason="throttled",
                retry_after=timedelta(seconds=min(seconds, 3600)),
            )
        case status if 300 <= status < 500 and status != HTTPStatus.REQUEST_TIMEOUT:
            return Outcome(result=Result.REJECTED, reason="bad_request")
    return Outcome(result=Result.UNCLEAR, reason="gateway_failed")


def _read_send(answer: Answer) -> Outcome:
    try:
        told: dict[str, Any] = answer.json()
        code = int(told.get("error_code", 0))
        accepted = str(told["id"]) if not code and int(told["cnt"]) > 0 else ""
    except (AttributeError, KeyError, TypeError, ValueError):
        return Outcome(result=Result.UNCLEAR, reason="gateway_failed")
    if accepted:
        return Outcome(result=Result.ACCEPTED, provider_id=accepted[:100])
    if code in REJECTIONS:
        return Outcome(result=Result.REJECTED, reason=REJECTIONS[code])
    if code in STOPS:
        return Outcome(result=Result.NOT_NOW, reason=STOPS[code], stops_channel=True)
    reason = "same_again" if code == SAME_AGAIN else "gateway_failed"
    return Outcome(result=Result.UNCLEAR, reason=reason)


def _read_status(row: Mapping[str, Any]) -> tuple[int, Status] | None:
    """Return our id and the status, None for a message that the gateway does not know."""
    if "error_code" in row:
        raise ValueError(row["error_code"])
    code, number = int(row["status"]), int(row["id"])
    if code == NOT_FOUND:
        return None
    provider_id = str(number)
    if code in DELIVERED:
        return number, Status(delivery=Delivery.DELIVERED, provider_id=provider_id)
    if code in FAILURES:
        return number, Status(
            delivery=Delivery.FAILED, reason=FAILURES[code], provider_id=provider_id
        )
    return number, Status(delivery=Delivery.ON_THE_WAY, provider_id=provider_id)
