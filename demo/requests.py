"""Requests that led to no visit, or have not been answered yet."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo import texts
from demo.diary import HISTORY_DAYS, Row
from demo.names import make_name
from demo.people import phone_number
from intake.models import LossReason, RequestKind

LOST_SHARE = 0.35
"""Lost requests per patient in a year."""
OPEN_MINUTES = (4, 17, 46, 95)
"""How long ago the requests came that still wait; the older ones are being worked on."""
FIRST_STRANGER_PHONE = 20_000_000
PHONES_PER_BRANCH = 100_000

REQUEST_COLUMNS = (
    *("kind", "status", "name", "phone", "branch_id", "source_id", "service_id", "comment"),
    *("utm", "loss_reason", "key", "created_at", "answered_at", "closed_at"),
)
_LOSSES = {
    LossReason.EXPENSIVE: 26,
    LossReason.NO_TIME: 20,
    LossReason.NO_ANSWER: 18,
    LossReason.THINKING: 15,
    LossReason.NO_SERVICE: 8,
    LossReason.WENT_ELSEWHERE: 7,
    LossReason.SPAM: 4,
    LossReason.OTHER: 2,
}
_KINDS = {
    RequestKind.CALL: 60,
    RequestKind.FORM: 28,
    RequestKind.CHAT: 8,
    RequestKind.WALK_IN: 4,
}


@dataclass
class Strangers:
    """People of one branch's phone log who did not become patients."""

    dice: random.Random
    branch_id: int
    sources: list[int]
    services: list[int]
    now: datetime

    def rows(self, patients: int) -> Iterator[Row]:
        """A third as many as there are patients were lost; a handful is open."""
        dice, now = self.dice, self.now
        ages = sorted((dice.random() for _ in range(round(patients * LOST_SHARE))), reverse=True)
        for number, age in enumerate(ages, start=len(OPEN_MINUTES)):
            asked_at = now - timedelta(days=age * HISTORY_DAYS)
            answered_at = min(asked_at + timedelta(minutes=1 + 40 * dice.random() ** 3), now)
            yield self._row(
                number,
                status="LOST",
                comment=dice.choice(texts.LOST_COMMENTS),
                loss_reason=dice.choices(list(_LOSSES), list(_LOSSES.values()))[0],
                created_at=asked_at,
                answered_at=answered_at,
                closed_at=min(answered_at + timedelta(days=3 * dice.random() ** 3), now),
            )
        for number, minutes in enumerate(OPEN_MINUTES):
            asked_at = now - timedelta(minutes=minutes)
            is_taken = minutes > 30
            yield self._row(
                number,
                status="IN_WORK" if is_taken else "NEW",
                comment=dice.choice(texts.OPEN_COMMENTS),
                created_at=asked_at,
                answered_at=asked_at + timedelta(minutes=7) if is_taken else None,
            )

    def _row(self, number: int, **told: object) -> Row:
        dice = self.dice
        kind = dice.choices(list(_KINDS), list(_KINDS.values()))[0]
        name = make_name(dice, sex=dice.choice("FFM"))
        campaign = {"utm_source": "yandex", "utm_medium": "cpc", "utm_campaign": "spina"}
        phone = FIRST_STRANGER_PHONE + self.branch_id * PHONES_PER_BRANCH + number
        row: dict[str, object] = {
            "kind": kind,
            "name": name.first if dice.random() < 0.7 else f"{name.first} {name.last}",
            "phone": phone_number(phone),
            "branch_id": self.branch_id,
            "source_id": dice.choice(self.sources),
            "service_id": dice.choice(self.services) if dice.random() < 0.6 else None,
            "utm": json.dumps(campaign if kind == "FORM" and dice.random() < 0.5 else {}),
            "loss_reason": "",
            "key": f"demo-lost-{self.branch_id}-{number}",
            "closed_at": None,
        } | told
        return tuple(row[column] for column in REQUEST_COLUMNS)
