"""All work that happens by itself, in one list: Celery beat and `bin/manage tick` both read it.

What is due is a row with a time, so an entry run twice, late or on two machines changes nothing
but the delay.
"""

import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from appointments.actions import open_confirm_calls
from appointments.news_mail import mail_news_next
from campaigns.actions import start_all_runs, step_next
from campaigns.actions.segments import recount_next
from campaigns.queries.forecast import foresee_refusals
from clinic_crm import housekeeping
from intake.actions import import_next
from loyalty.actions import expire_points_next
from messaging.queries import foresee_messages
from messaging.sender import ask_next, send_next
from online.actions import forget_attempts
from outbox.actions import deliver_next, forget_delivered
from packages.actions import keep_time_next, warn_of_end_next
from patients.models import Channel
from waitlist.actions import close_offer_next, expire_entry_next, offer_next


class StepFunction(Protocol):
    """Does the next due piece in a transaction of its own; False when nothing is due."""

    def __call__(self, *, now: datetime) -> bool: ...


class SetStatement(Protocol):
    """Does all that is due in one statement; returns the number of rows."""

    def __call__(self, *, now: datetime) -> int: ...


class Foreseen(Protocol):
    """One line of `tick --dry-run`: what would go to whom, or why it would not."""

    @property
    def due_at(self) -> datetime: ...
    @property
    def recipient(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def verdict(self) -> str: ...


class Preview(Protocol):
    def __call__(self, *, now: datetime) -> Iterable[Foreseen]: ...


WORK = "work"
"""The queue of everything that needs no minute's punctuality."""

SENDING = "sending"
"""The queue of what calls gateways, with processes of its own: no import or backlog delays it."""


@dataclass(frozen=True)
class Periodic:
    """An entry of the schedule: `run` returns how much it did, in a worker of its `queue`.

    A dry run asks `preview`, then, with `is_rehearsed`, runs the entry in a transaction that it
    rolls back: only for entries that write nothing but rows.
    """

    name: str
    every: timedelta
    run: Callable[[datetime, float], int]
    preview: Preview | None = None
    is_rehearsed: bool = False
    queue: str = WORK


def step(
    name: str,
    every: timedelta,
    function: StepFunction,
    *,
    preview: Preview | None = None,
    is_rehearsed: bool = False,
    queue: str = WORK,
) -> Periodic:
    """Repeat the step function until nothing is due or the seconds are used up."""

    def run(now: datetime, seconds: float) -> int:
        deadline = time.monotonic() + seconds
        for done in itertools.count():
            if time.monotonic() > deadline or not function(now=now):
                return done
        raise AssertionError("unreachable")

    return Periodic(name, every, run, preview, is_rehearsed, queue)


def statement(
    name: str,
    every: timedelta,
    function: SetStatement,
    *,
    preview: Preview | None = None,
    is_rehearsed: bool = False,
) -> Periodic:
    """Run the set-based statement once."""
    return Periodic(name, every, lambda now, seconds: function(now=now), preview, is_rehearsed)


# In the order in which one pass runs them: first the news, then what follows from it, then sending.
PERIODIC: tuple[Periodic, ...] = (
    step("outbox.deliver", timedelta(seconds=1), deliver_next),
    statement(
        "campaigns.start",
        timedelta(seconds=20),
        start_all_runs,
        preview=foresee_refusals,
        is_rehearsed=True,
    ),
    step("campaigns.recount", timedelta(minutes=1), recount_next),
    step("campaigns.step", timedelta(seconds=5), step_next, is_rehearsed=True),
    step("loyalty.expire", timedelta(hours=1), expire_points_next),
    statement("appointments.confirm_calls", timedelta(minutes=5), open_confirm_calls),
    step("packages.keep_time", timedelta(minutes=10), keep_time_next),
    step("packages.warn", timedelta(minutes=10), warn_of_end_next),
    # waitlist
    step("waitlist.close", timedelta(seconds=5), close_offer_next),
    step("waitlist.expire", timedelta(minutes=10), expire_entry_next),
    step("waitlist.offer", timedelta(seconds=5), offer_next),
    # messaging
    step(
        "messaging.send_sms",
        timedelta(seconds=2),
        partial(send_next, channel=Channel.SMS),
        preview=foresee_messages,
        queue=SENDING,
    ),
    step(
        "messaging.send_email",
        timedelta(seconds=2),
        partial(send_next, channel=Channel.EMAIL),
        queue=SENDING,
    ),
    step(
        "messaging.ask_sms",
        timedelta(seconds=30),
        partial(ask_next, channel=Channel.SMS),
        queue=SENDING,
    ),
    step("appointments.mail_news", timedelta(seconds=30), mail_news_next, queue=SENDING),
    step("intake.import", timedelta(seconds=1), import_next),
    # upkeep
    statement("online.forget", timedelta(hours=6), forget_attempts),
    statement("outbox.forget", timedelta(hours=6), forget_delivered),
    statement("clinic_crm.sessions", timedelta(hours=6), housekeeping.forget_ended_sessions),
)

BY_NAME = {entry.name: entry for entry in PERIODIC}
