"""Many workers on connections of their own; and the same without the lock, which must fail."""

from collections import Counter
from datetime import datetime
from threading import Barrier, BrokenBarrierError, Lock

import pytest
from django.db import transaction
from django.db.models import QuerySet

from outbox.actions import deliver_next, record_events
from outbox.models import Delivery
from patients.models import Source
from tests.outbox.factories import NOW, KettleBoiled, reacting
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 8
EVENTS = 60


class Diary:
    """Handlers write here outside the database, and a row inside it."""

    def __init__(self) -> None:
        self.lines: Counter[int] = Counter()
        self._lock = Lock()

    def tea(self, event: KettleBoiled, now: datetime) -> None:
        with self._lock:
            self.lines[event.cups] += 1
        Source.objects.create(code=f"cup-{event.cups}-{self.lines[event.cups]}", name="cup")


def drain() -> int:
    done = 0
    while deliver_next(now=NOW):
        done += 1
    return done


def boil() -> None:
    with transaction.atomic():
        record_events(
            [KettleBoiled(patient_id=None, cups=cups) for cups in range(EVENTS)],
            actor_id=None,
            now=NOW,
        )


def test_each_delivery_takes_effect_once() -> None:
    diary = Diary()
    with reacting(tea=diary.tea):
        boil()

        done = run_at_once([drain] * WORKERS)

    assert sum(count for count in done if isinstance(count, int)) == EVENTS
    assert diary.lines == Counter(dict.fromkeys(range(EVENTS), 1))
    assert Source.objects.filter(code__startswith="cup-").count() == EVENTS


def test_control_without_the_lock_work_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers that meet before either has marked the delivery."""

    def unlocked(rows: QuerySet[Delivery], **options: object) -> QuerySet[Delivery]:
        return rows.all()

    meet = Barrier(2)
    diary = Diary()

    def slowly(event: KettleBoiled, now: datetime) -> None:
        try:
            meet.wait(timeout=2)
        except BrokenBarrierError:
            return
        diary.tea(event, now)

    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    with reacting(tea=slowly):
        boil()

        run_at_once([drain] * 2)

    assert max(diary.lines.values()) == 2
