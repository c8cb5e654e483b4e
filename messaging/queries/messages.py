from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from clinic.formats import format_moment
from messaging.guard import Verdict, gather_facts, judge
from messaging.kinds import KINDS
from messaging.models import Message, MessageStatus
from messaging.reasons import describe_reason

FORESEEN_AT_ONCE = 200


def explain_message(message: Message) -> str:
    """Say in plain words what became of the message and, if it was not sent, why."""
    why = describe_reason(message.reason)
    zone = ZoneInfo(message.zone)
    match message.status:
        case MessageStatus.QUEUED if message.reason:
            when = format_moment(message.send_at, zone)
            return _("%(why)s Next try: %(when)s.") % {"why": why, "when": when}
        case MessageStatus.QUEUED:
            return _("To be sent at %(when)s.") % {"when": format_moment(message.send_at, zone)}
        case MessageStatus.SENDING:
            return why or _("On its way to the gateway.")
        case MessageStatus.SENT:
            return _("The gateway took it.")
        case MessageStatus.DELIVERED:
            return _("It arrived.")
        case MessageStatus.UNKNOWN:
            return _("It may have arrived: nobody can tell. %(why)s") % {"why": why}
    return why


@dataclass(frozen=True, kw_only=True)
class ForeseenMessage:
    """One line of the forecast: a message that is due, and what the guard says of it."""

    due_at: datetime
    recipient: str
    what: str
    verdict: str


def foresee_messages(*, now: datetime) -> Iterator[ForeseenMessage]:
    """Say of each message that is due at `now` whether it would go, and if not, why. No writes.

    Includes those refused while they were written at that very moment: a dry run writes too.
    """
    due = (
        Message.objects.filter(
            Q(status=MessageStatus.QUEUED, send_at__lte=now)
            | Q(status=MessageStatus.SUPPRESSED, created_at=now)
        )
        .select_related("patient")
        .order_by("send_at", "id")
    )
    for batch in _in_batches(due.iterator()):
        facts = gather_facts(batch, lock=False)
        for message in batch:
            verdict = judge(message, facts, now=now)
            yield ForeseenMessage(
                due_at=message.send_at,
                recipient=message.recipient,
                what=f"{KINDS[message.kind].name}, {message.get_channel_display()}",
                verdict=_describe_verdict(verdict, message),
            )


def _in_batches(messages: Iterator[Message]) -> Iterator[list[Message]]:
    while batch := list(islice(messages, FORESEEN_AT_ONCE)):
        yield batch


def _describe_verdict(verdict: Verdict, message: Message) -> str:
    if verdict.status == MessageStatus.SENDING:
        return _("would be sent")
    why = describe_reason(verdict.reason)
    if verdict.send_at is not None:
        when = format_moment(verdict.send_at, ZoneInfo(message.zone))
        return _("would wait until %(when)s: %(why)s") % {"when": when, "why": why}
    return _("would not be sent: %(why)s") % {"why": why}


def get_longest_wait(*, now: datetime) -> timedelta:
    """Return for how long the oldest due message has waited for a sender; zero when none is due.

    A paused channel makes its messages wait: that is worth an alarm too.
    """
    due = Message.objects.filter(status=MessageStatus.QUEUED, send_at__lte=now)
    oldest = due.aggregate(oldest=Min("send_at"))["oldest"]
    return now - (oldest or now)
