"""Gateways in memory: what they answer is scripted, what they accepted is remembered."""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from messaging.gateways import (
    AskableGateway,
    Delivery,
    Gateway,
    GatewaySilent,
    Letter,
    Outcome,
    Result,
    Status,
)
from patients.models import Channel

ACCEPTED = Outcome(result=Result.ACCEPTED, provider_id="1")
UNCLEAR = Outcome(result=Result.UNCLEAR, reason="gateway_silent")
BUSY = Outcome(result=Result.NOT_NOW, reason="gateway_busy")
NO_MONEY = Outcome(result=Result.NOT_NOW, reason="no_money", stops_channel=True)
WRONG_NUMBER = Outcome(result=Result.REJECTED, reason="bad_address")


class ScriptedGateway(Gateway):
    """Class C. Answers with `script` in order, then accepts everything."""

    channel = Channel.SMS
    batch = 100
    threads = 4

    def __init__(self, *script: Outcome, before: Callable[[Letter], None] | None = None) -> None:
        self.script, self.before = list(script), before
        self.accepted: list[Letter] = []
        self.calls = 0
        self._lock = Lock()

    def send(self, letter: Letter) -> Outcome:
        if self.before is not None:
            self.before(letter)
        with self._lock:
            self.calls += 1
            return self._answer(letter)

    def _answer(self, letter: Letter) -> Outcome:
        outcome = self.script.pop(0) if self.script else ACCEPTED
        if outcome.result is Result.ACCEPTED:
            self.accepted.append(letter)
        return outcome

    def close(self) -> None:
        """Nothing is kept."""


class AskableScriptedGateway(ScriptedGateway, AskableGateway):
    """Class A: takes an id once and knows it. `statuses` are told instead of "on the way"."""

    def __init__(self, *script: Outcome, before: Callable[[Letter], None] | None = None) -> None:
        super().__init__(*script, before=before)
        self.statuses: dict[int, Status] = {}
        self.is_silent = False
        self.asked: list[int] = []

    def send(self, letter: Letter) -> Outcome:
        if self.before is not None:
            self.before(letter)
        with self._lock:
            self.calls += 1
            if letter.id in {known.id for known in self.accepted}:
                return Outcome(result=Result.UNCLEAR, reason="same_again")
            return self._answer(letter)

    def list_statuses(self, letters: Sequence[Letter]) -> Mapping[int, Status]:
        if self.is_silent:
            raise GatewaySilent
        self.asked += [letter.id for letter in letters]
        known = {letter.id for letter in self.accepted}
        on_the_way = Status(delivery=Delivery.ON_THE_WAY, provider_id="1")
        return {
            letter.id: self.statuses.get(letter.id, on_the_way)
            for letter in letters
            if letter.id in known
        }


class MailGateway(ScriptedGateway):
    """Class C on the e-mail channel, one letter at a time as the real one."""

    channel = Channel.EMAIL
    batch = 1
    threads = 1
