from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from clinic.models import Setting
from messaging.actions.states import report_not_sent, write_state
from messaging.gateways import Letter
from messaging.guard import Verdict, gather_facts, judge
from messaging.legal import list_footer
from messaging.models import ChannelPause, Message, MessageStatus, Purpose
from patients.models import Channel


@dataclass(frozen=True)
class Claim:
    """Messages held under a lease, on the clock of the database.

    Only who shows the token may write what became of them.

    `decided` counts the due messages that were looked at, also those not to be sent.
    """

    token: UUID
    letters: Sequence[Letter]
    decided: int


@transaction.atomic(durable=True)
def claim_messages(*, channel: Channel, limit: int, now: datetime) -> Claim:
    """Take the next due messages of a channel that the guard lets through.

    Those it does not let through are put off or closed with a reason in the same transaction.
    Service goes before marketing. While the channel is paused nothing is taken; after the pause
    one message tries the way.
    """
    pause = ChannelPause.objects.filter(channel=channel).first()
    if pause is not None:
        limit = 0 if now < pause.until else 1
    due = list(
        Message.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(channel=channel, status=MessageStatus.QUEUED, send_at__lte=now)
        .order_by("-purpose", "send_at", "id")[:limit]
    )
    facts = gather_facts(due, lock=True)
    verdicts = {message.pk: judge(message, facts, now=now) for message in due}
    going = [row for row in due if verdicts[row.pk].status == MessageStatus.SENDING]
    for message in due:
        if message not in going:
            _hold_back(message, verdicts[message.pk])
        elif message.address != verdicts[message.pk].address:
            message.address = verdicts[message.pk].address
            message.save(update_fields=["address"])
    report_not_sent(due, now=now)
    token = _lease(going)
    return Claim(token, write_letters(going), len(due))


@transaction.atomic(durable=True)
def claim_interrupted(*, channel: Channel, limit: int) -> Claim:
    """Take the messages whose sender ended or got no clear answer: their lease has run out.

    Nobody knows whether they were accepted, so they are asked about before anything else.
    """
    held = list(
        Message.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(channel=channel, status=MessageStatus.SENDING, leased_until__lt=Now())
        .order_by("leased_until")[:limit]
    )
    token = uuid4()
    Message.objects.filter(pk__in=[message.pk for message in held]).update(
        lease=token, leased_until=Now() + settings.MESSAGE_LEASE
    )
    return Claim(token, write_letters(held), len(held))


def _lease(messages: Sequence[Message]) -> UUID:
    token = uuid4()
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(
        status=MessageStatus.SENDING,
        reason="",
        lease=token,
        leased_until=Now() + settings.MESSAGE_LEASE,
        attempts=F("attempts") + 1,
    )
    return token


def write_letters(messages: Sequence[Message]) -> list[Letter]:
    """Return what the gateway needs of the messages; the footer is the same for a batch."""
    setting = Setting.load()
    return [
        Letter(
            id=message.pk,
            address=message.address,
            subject=message.subject,
            body=message.body,
            language=message.language,
            footer=list_footer(
                setting=setting,
                is_marketing=message.purpose == Purpose.MARKETING,
                language=message.language,
            ),
            unsubscribe_url=message.unsubscribe_url,
        )
        for message in messages
    ]


def _hold_back(message: Message, verdict: Verdict) -> None:
    message.status, message.reason = verdict.status, verdict.reason
    message.send_at = verdict.send_at or message.send_at
    if message.is_possible_duplicate and verdict.status != MessageStatus.QUEUED:
        message.status = MessageStatus.UNKNOWN
    write_state(message)
