"""A rule that the database chews on for too long is stopped, and the person is told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns.actions.segments import recount_next
from campaigns.segments import patience as patience_module
from campaigns.segments.patience import CountTooSlow, patience
from clinic.models import User
from tests.campaigns.segments.factories import NOW, WOMEN, make_segment

pytestmark = pytest.mark.django_db
MOMENT = timedelta(milliseconds=50)


def sleep() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


def timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        found: str = cursor.fetchone()[0]
        return found


@pytest.fixture
def heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every count takes seconds, and nobody waits for so long."""

    @contextmanager
    def impatient(limit: timedelta = MOMENT) -> Iterator[None]:
        with patience_module.patience(MOMENT):
            sleep()
            yield

    for place in ("views.segments", "views.members", "api", "actions.segments"):
        monkeypatch.setattr(f"campaigns.{place}.patience", impatient)


def test_a_statement_is_stopped_and_the_limit_goes_with_it() -> None:
    before = timeout()

    with pytest.raises(CountTooSlow), patience(MOMENT):
        sleep()

    with patience():
        assert timeout() == "10s"
    assert timeout() == before


def test_the_builder_is_told_why_there_is_no_count(
    client_for: Callable[[User], Client], marina: User, heavy: None
) -> None:
    answer = client_for(marina).post(
        reverse("campaigns:segment_count"), {"rule": json.dumps(WOMEN)}
    )

    assert answer.status_code == 503
    assert "Подсчёт идёт слишком долго" in answer.json()["faults"][0]["text"]


def test_the_page_and_the_endpoint_say_the_same(
    client_for: Callable[[User], Client], marina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = make_segment()
    monkeypatch.setattr("campaigns.views.members.count_segment", lambda **_asked: patience_fails())
    monkeypatch.setattr("campaigns.api.count_segment", lambda **_asked: patience_fails())
    marketer = client_for(marina)

    page = marketer.get(reverse("campaigns:segment", args=[segment.pk]))
    answer = marketer.post(
        reverse("campaigns_api:segment-count"), {"rule": WOMEN}, content_type="application/json"
    )

    assert page.status_code == 200
    assert "Подсчёт идёт слишком долго" in page.content.decode()
    assert (answer.status_code, answer.json()["code"]) == (503, "count_too_slow")


def patience_fails() -> None:
    raise CountTooSlow


def test_a_recount_that_takes_minutes_keeps_the_last_count(heavy: None) -> None:
    # the fixture stands in for the action that makes the segment, too
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("campaigns.actions.segments.patience", patience)
        segment = make_segment(members=7, base=9)

    assert recount_next(now=NOW + timedelta(hours=1))

    segment.refresh_from_db()
    assert (segment.members, segment.base) == (7, 9)
    assert segment.counted_at == NOW + timedelta(hours=1)
