from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Case, Func, Value, When
from django.db.models.functions import Now

from messaging.actions.pauses import pause_channel, resume_channel
from messaging.actions.states import report_not_sent, write_state
from messaging.events import MessageSent
from messaging.gateways import Outcome, Result
from messaging.kinds import CODE_KINDS
from messaging.letters import CODE, PERSONAL_PART
from messaging.models import Message, MessageStatus, Purpose
from outbox.actions import record_events
from patients.models import Channel

MOST_ATTEMPTS = 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)

SETTLING = timedelta(seconds=30)
"""How long a gateway may take until it finds what it has just accepted."""

FIRST_POLL = timedelta(minutes=1)
PASSED = frozenset({Result.ACCEPTED, Result.FOUND})


class WithoutSecrets(Func):
    """The text with `…` for the secret of each personal link.

    Links are stored as hashes; once a message has gone, nothing here opens one any more.
    """

    template = f"REGEXP_REPLACE(%(expressions)s, '{PERSONAL_PART}', '/…/', 'g')"


class WithoutCodes(Func):
    """The text with `…` for each code: it has proved what it could."""

    template = f"REGEXP_REPLACE(%(expressions)s, '{CODE}', '…', 'g')"


@transaction.atomic(durable=True)
def store_outcomes(
    *, token: UUID, outcomes: Mapping[int, Outcome], can_be_asked: bool, now: datetime
) -> int:
    """Write what became of claimed messages; return how many were still ours to write.

    A sender whose lease was taken over shows an old token and writes nothing. `can_be_asked`:
    an unclear end stays SENDING until the gateway was asked; where it can't be, a service message
    goes once more as a possible duplicate, and marketing is left UNKNOWN.
    """
    held = list(
        Message.objects.select_for_update(no_key=True)
        .filter(pk__in=outcomes, lease=token)
        .order_by("pk")
    )
    passed = [row for row in held if outcomes[row.pk].result in PASSED]
    others = [row for row in held if outcomes[row.pk].result not in PASSED]
    _mark_sent(passed, outcomes, can_be_asked=can_be_asked, now=now)
    for message in others:
        _apply(message, outcomes[message.pk], can_be_asked=can_be_asked, now=now)
    report_not_sent(others, now=now)
    _mind_channels(held, outcomes, now=now)
    return len(held)


def _mark_sent(
    messages: Sequence[Message],
    outcomes: Mapping[int, Outcome],
    *,
    can_be_asked: bool,
    now: datetime,
) -> None:
    if not messages:
        return
    names = [When(pk=row.pk, then=Value(outcomes[row.pk].provider_id)) for row in messages]
    Message.objects.filter(pk__in=[row.pk for row in messages]).update(
        status=MessageStatus.SENT,
        reason="",
        lease=None,
        leased_until=None,
        sent_at=now,
        poll_at=now + FIRST_POLL if can_be_asked else None,
        provider_id=Case(*names),
        body=Case(
            When(kind__in=CODE_KINDS, then=WithoutCodes(WithoutSecrets("body"))),
            default=WithoutSecrets("body"),
        ),
        unsubscribe_url=WithoutSecrets("unsubscribe_url"),
    )
    events = [MessageSent(patient_id=row.patient_id, message_id=row.pk) for row in messages]
    record_events(events, actor_id=None, now=now)


def _apply(message: Message, outcome: Outcome, *, can_be_asked: bool, now: datetime) -> None:
    message.reason = outcome.reason
    match outcome.result:
        case Result.UNCLEAR if can_be_asked:
            message.lease, message.leased_until = uuid4(), Now() + SETTLING
            message.save(update_fields=["reason", "lease", "leased_until"])
            return
        case Result.UNCLEAR:
            try_once_more(message, now=now)
        case Result.REJECTED:
            _end(message)
        case Result.NOT_FOUND:
            _queue_again(message, at=message.send_at)
        case Result.NOT_NOW if not outcome.stops_channel:
            pause = min(FIRST_PAUSE * 2 ** (message.attempts - 1), LONGEST_PAUSE)
            _queue_again(message, at=now + max(pause, outcome.retry_after))
        case _:
            message.attempts -= 1
            _queue_again(message, at=message.send_at)
    write_state(message)


def try_once_more(message: Message, *, now: datetime) -> None:
    """After an end that nobody can clear up: a service message goes once more, marked as such."""
    if message.purpose == Purpose.MARKETING or message.is_possible_duplicate:
        message.status = MessageStatus.UNKNOWN
    else:
        message.is_possible_duplicate = True
        _queue_again(message, at=now + FIRST_PAUSE)


def _queue_again(message: Message, *, at: datetime) -> None:
    if message.attempts >= MOST_ATTEMPTS or at >= message.expires_at:
        _end(message)
    else:
        message.status, message.send_at = MessageStatus.QUEUED, at


def _end(message: Message) -> None:
    """What may have arrived at an earlier try has not surely failed."""
    is_in_doubt = message.is_possible_duplicate
    message.status = MessageStatus.UNKNOWN if is_in_doubt else MessageStatus.FAILED


def _mind_channels(
    messages: Sequence[Message], outcomes: Mapping[int, Outcome], *, now: datetime
) -> None:
    """Pause a channel that takes nothing; open it again with the first message that passes."""
    for channel in sorted({message.channel for message in messages}):
        ends = [outcomes[row.pk] for row in messages if row.channel == channel]
        stops = [end.reason for end in ends if end.stops_channel]
        if stops:
            pause_channel(channel=Channel(channel), reason=stops[0], now=now)
        elif any(end.result is Result.ACCEPTED for end in ends):
            resume_channel(channel=Channel(channel), actor_id=None, now=now)
