import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command

from clinic_crm import schedule
from clinic_crm.celery import app
from clinic_crm.embedded import ROOT
from clinic_crm.housekeeping import forget_ended_sessions
from clinic_crm.management.commands import tick

NOW = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)


def test_a_step_repeats_until_nothing_is_due() -> None:
    due, seen = [3, 2, 1], []

    def take_next(*, now: datetime) -> bool:
        seen.append(now)
        return bool(due) and bool(due.pop())

    entry = schedule.step("take", timedelta(seconds=1), take_next)

    assert entry.run(NOW, 10) == 3
    assert due == []
    assert set(seen) == {NOW}


def test_a_step_stops_when_its_seconds_are_used_up() -> None:
    entry = schedule.step("endless", timedelta(seconds=1), lambda *, now: True)

    assert entry.run(NOW, 0.01) > 0


def test_names_are_unique() -> None:
    assert len(schedule.BY_NAME) == len(schedule.PERIODIC)


def test_every_queue_has_a_program_that_takes_from_it() -> None:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8")
    taken = set(re.findall(r"--queues (\w+)", lines))

    assert taken == {entry.queue for entry in schedule.PERIODIC}
    assert app.conf.task_default_queue in taken


LETTERS = {"appointments.mail_news"}
"""What goes to the staff by e-mail, past the messages of patients."""


def test_nothing_but_sending_shares_the_senders() -> None:
    names = {one.name for one in schedule.PERIODIC if one.queue == schedule.SENDING}

    assert names
    assert {name for name in names if not name.startswith("messaging.")} == LETTERS


def test_beat_wakes_every_entry_and_drops_late_wake_ups() -> None:
    app.loader.import_default_modules()
    beat = app.conf.beat_schedule

    assert set(beat) == set(schedule.BY_NAME)
    for name, wake_up in beat.items():
        assert wake_up["args"] == [name]
        assert wake_up["options"]["queue"] == schedule.BY_NAME[name].queue
        assert wake_up["options"]["expires"] == wake_up["schedule"].total_seconds()


@pytest.mark.django_db
def test_ended_sessions_are_forgotten_and_live_ones_kept() -> None:
    Session.objects.create(session_key="ended", expire_date=NOW - timedelta(seconds=1))
    Session.objects.create(session_key="live", expire_date=NOW + timedelta(seconds=1))

    assert forget_ended_sessions(now=NOW) == 1
    assert Session.objects.get().session_key == "live"


def test_a_pass_goes_on_until_a_round_finds_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second entry gives the first one more to do, as a handler does with an event."""
    news, errands = [1], [1]

    def deliver(*, now: datetime) -> bool:
        return bool(news) and bool(news.pop())

    def advance(*, now: datetime) -> int:
        news.extend(errands)
        return len([errands.pop() for _ in list(errands)])

    hourly = timedelta(hours=1)
    entries = (schedule.step("news", hourly, deliver), schedule.statement("runs", hourly, advance))
    monkeypatch.setattr(tick, "PERIODIC", entries)

    call_command("tick", now="2026-12-01T09:00+03:00")

    assert capsys.readouterr().out == "news 2\nruns 1\n"


@pytest.mark.django_db
def test_a_dry_run_lists_in_order_of_time_and_runs_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*, now: datetime) -> bool:
        raise AssertionError("a dry run must not work")

    def preview(*, now: datetime) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(due_at=now + timedelta(hours=hours), recipient=who, what="reminder",
                            verdict=verdict)
            for hours, who, verdict in [(2, "Anna", "would be sent"), (1, "Boris", "no consent")]
        ]  # fmt: skip

    entry = schedule.step("send", timedelta(seconds=1), refuse, preview=preview)
    monkeypatch.setattr(tick, "PERIODIC", (entry,))

    call_command("tick", now="2026-12-01T09:00+03:00", dry_run=True)

    assert capsys.readouterr().out.splitlines() == [
        "2026-12-01T10:00+03:00  no consent  reminder  Boris",
        "2026-12-01T11:00+03:00  would be sent  reminder  Anna",
        "2 foreseen; nothing was changed.",
    ]


@pytest.mark.parametrize("raw", ["2026-12-01T09:00", "tomorrow", "2026-13-01T09:00+03:00"])
def test_a_moment_without_offset_or_sense_is_refused(raw: str) -> None:
    with pytest.raises(CommandError, match="--now"):
        call_command("tick", now=raw)
