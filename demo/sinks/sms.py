"""An SMS gateway that speaks SMSC.ru's HTTP API with `fmt=3` (JSON).

`id` is the client's and makes a send idempotent: the same id to the same phone is refused with
error 9, and `status.php` tells what became of the first one. Errors come with HTTP 200, as there.

The last two digits of `790000000NN` script an outcome: 06, 07, 08 are refused with that error;
03, 20, 22, 23, 25 are accepted and end in that status. `POST /__fake/scenario` scripts the rest:

    {"latency": 0.2,                          seconds before each answer
     "statuses": [[0, 0], [2, 1]],            seconds after acceptance, status
     "refuses_repeats": false,                a known id is accepted once more
     "trouble": [{"error_code": 3}, {"http": 503}, {"body": "<html>"}, {"http": 429, "wait": 90},
                 {"lose": "request"}, {"lose": "reply"}, {"hang": 15}]}

Each trouble meets one send, in order; `"times": 5` repeats it. "lose" drops the connection, before
or after the message is accepted; "hang" accepts and answers so many seconds later; "body" is what
is answered instead of JSON, "wait" a `Retry-After`.
"""

import asyncio
import re
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from demo.sinks.journal import Entry, Journal

BAD_PARAMETERS, BAD_LOGIN, BAD_NUMBER, REPEATED = 1, 2, 7, 9
ERRORS = {
    BAD_PARAMETERS: "parameters error",
    BAD_LOGIN: "authorise error",
    3: "no money",
    4: "ip blocked",
    5: "invalid time",
    6: "message is denied",
    BAD_NUMBER: "invalid number",
    8: "can't to deliver",
    REPEATED: "duplicate request, wait a minute",
}
NOT_FOUND = -3
SCRIPTED_PHONE = re.compile(r"790000000(\d\d)")
SCRIPTED_ERRORS = {6, 7, 8}
SCRIPTED_STATUSES = {3, 20, 22, 23, 25}
MOSCOW = timezone(timedelta(hours=3))
COST_OF_PART = 4.1
MOST_IDS = 2**31 - 1


class Refusal(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Scenario:
    latency: float = 0.0
    refuses_repeats: bool = True
    statuses: list[tuple[float, int]] = field(default_factory=lambda: [(0, 0), (2, 1)])
    trouble: deque[dict[str, Any]] = field(default_factory=deque)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Scenario":
        """Raises KeyError, TypeError or ValueError for what is not a scenario."""
        trouble = [one for one in raw.pop("trouble", []) for _ in range(one.pop("times", 1))]
        statuses = [(float(after), int(status)) for after, status in raw.pop("statuses", [])]
        scenario = cls(trouble=deque(trouble), **raw)
        if statuses:
            scenario.statuses = statuses
        return scenario


class Gateway:
    """The vendor: what it accepted is what its journal says."""

    def __init__(self, journal: Journal, *, login: str, password: str) -> None:
        self.journal = journal
        self.scenario = Scenario()
        self._credentials = (login, password)
        self._accepted = {(entry["id"], entry["phone"]): entry for entry in journal.entries}
        self._last_id = max((entry["id"] for entry in journal.entries), default=0)

    def routes(self) -> list[web.RouteDef]:
        return [
            route
            for path, handler in [
                ("/sys/send.php", self.send),
                ("/sys/status.php", self.status),
                ("/sys/balance.php", self.balance),
            ]
            for route in (web.get(path, handler, allow_head=False), web.post(path, handler))
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        asked = await _parameters(request)
        await asyncio.sleep(self.scenario.latency)
        trouble = self.scenario.trouble.popleft() if self.scenario.trouble else {}
        if "http" in trouble or "body" in trouble:
            headers = {"Retry-After": str(trouble["wait"])} if "wait" in trouble else {}
            status, text = trouble.get("http", 200), trouble.get("body", "")
            return web.Response(status=status, text=text, headers=headers)
        if trouble.get("lose") == "request":
            return _hang_up(request)
        try:
            if "error_code" in trouble:
                raise Refusal(trouble["error_code"])
            answer = self._accept(asked)
        except Refusal as refusal:
            return _error(refusal.code, asked.get("id"))
        if trouble.get("lose") == "reply":
            return _hang_up(request)
        await asyncio.sleep(trouble.get("hang", 0))
        return web.json_response(answer)

    async def status(self, request: web.Request) -> web.Response:
        asked = await _parameters(request)
        ids, phones = _split(asked.get("id", "")), _split(asked.get("phone", ""))
        try:
            self._check_credentials(asked)
            if not ids or len(ids) != len(phones):
                raise Refusal(BAD_PARAMETERS)
            pairs = [(_number(id_), _digits(phone)) for id_, phone in zip(ids, phones, strict=True)]
        except Refusal as refusal:
            return _error(refusal.code)
        answers = [self._status_of(id_, phone) for id_, phone in pairs]
        if len(answers) == 1:
            return web.json_response(answers[0])
        return web.json_response(
            [
                {"id": id_, "phone": phone, **answer}
                for (id_, phone), answer in zip(pairs, answers, strict=True)
            ]
        )

    async def balance(self, request: web.Request) -> web.Response:
        try:
            self._check_credentials(await _parameters(request))
        except Refusal as refusal:
            return _error(refusal.code)
        return web.json_response({"balance": "1000.00"})

    def _accept(self, asked: dict[str, str]) -> Entry:
        self._check_credentials(asked)
        phones = [_digits(phone) for phone in _split(asked.get("phones", ""))]
        text = asked.get("mes", "")
        if not phones or not text or asked.get("fmt") != "3":
            raise Refusal(BAD_PARAMETERS)
        message_id = _number(asked["id"]) if asked.get("id") else self._last_id + 1
        for phone in phones:
            self._check_phone(message_id, phone)
        self._last_id = max(self._last_id, message_id)
        for phone in phones:
            entry = {"at": time.time(), "id": message_id, "phone": phone, "text": text}
            entry["sender"] = asked.get("sender", "")
            self._accepted[message_id, phone] = entry
            self.journal.append(entry)
        parts = _parts(text) * len(phones)
        answer: Entry = {"id": message_id, "cnt": parts}
        if asked.get("cost") in {"2", "3"}:
            answer["cost"] = f"{COST_OF_PART * parts:.2f}"
        if asked.get("cost") == "3":
            answer["balance"] = "1000.00"
        return answer

    def _check_credentials(self, asked: dict[str, str]) -> None:
        if (asked.get("login", ""), asked.get("psw", "")) != self._credentials:
            raise Refusal(BAD_LOGIN)

    def _check_phone(self, message_id: int, phone: str) -> None:
        if self.scenario.refuses_repeats and (message_id, phone) in self._accepted:
            raise Refusal(REPEATED)
        code = _scripted(phone)
        if code in SCRIPTED_ERRORS:
            raise Refusal(code)

    def _status_of(self, message_id: int, phone: str) -> Entry:
        entry = self._accepted.get((message_id, phone))
        if entry is None:
            return {"status": NOT_FOUND, "last_date": "", "last_timestamp": 0, "err": 0}
        age = time.time() - entry["at"]
        after, status = max(step for step in self.scenario.statuses if step[0] <= age)
        scripted = _scripted(phone)
        if status > 0 and scripted in SCRIPTED_STATUSES:
            status = scripted
        moment = datetime.fromtimestamp(entry["at"] + after, MOSCOW)
        return {
            "status": status,
            "last_date": moment.strftime("%d.%m.%Y %H:%M:%S"),
            "last_timestamp": int(moment.timestamp()),
            "err": 0,
        }


async def _parameters(request: web.Request) -> dict[str, str]:
    form = await request.post()
    return dict(request.query) | {name: str(value) for name, value in form.items()}


def _split(raw: str) -> list[str]:
    return [part for part in re.split(r"[,;\s]+", raw) if part]


def _digits(raw: str) -> str:
    digits = re.sub(r"\D", "", raw)
    if not 11 <= len(digits) <= 15:
        raise Refusal(BAD_NUMBER)
    return digits


def _number(raw: str) -> int:
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= MOST_IDS:
        raise Refusal(BAD_PARAMETERS)
    return int(raw)


def _scripted(phone: str) -> int | None:
    match = SCRIPTED_PHONE.fullmatch(phone)
    return int(match[1]) if match else None


def _parts(text: str) -> int:
    """Parts of an SMS: 160/153 characters of ASCII, 70/67 as soon as one letter is not."""
    whole, part = (160, 153) if text.isascii() else (70, 67)
    return 1 if len(text) <= whole else -(-len(text) // part)


def _error(code: int, message_id: str | None = None) -> web.Response:
    answer: Entry = {"error": ERRORS[code], "error_code": code}
    if message_id:
        answer["id"] = message_id
    return web.json_response(answer)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
