from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from messaging.actions.outcomes import try_once_more
from messaging.actions.states import report_not_sent, write_state
from messaging.models import Message, MessageStatus
from patients.models import Channel

PATIENCE = timedelta(days=1)
"""How long after a message has lost its sense its gateway is still asked about it."""


@transaction.atomic(durable=True)
def settle_unaskable(*, channel: Channel, limit: int, now: datetime) -> int:
    """Decide about messages whose sender died while calling a gateway that can't be asked."""
    held = list(
        Message.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(channel=channel, status=MessageStatus.SENDING, leased_until__lt=Now())
        .order_by("leased_until")[:limit]
    )
    for message in held:
        message.reason = "interrupted"
        try_once_more(message, now=now)
        write_state(message)
    report_not_sent(held, now=now)
    return len(held)


@transaction.atomic(durable=True)
def give_up_asking(*, token: UUID, now: datetime) -> int:
    """Close as UNKNOWN what a silent gateway was asked about for a day too long."""
    held = list(
        Message.objects.select_for_update(no_key=True)
        .filter(lease=token, expires_at__lt=now - PATIENCE)
        .order_by("pk")
    )
    for message in held:
        message.status, message.reason = MessageStatus.UNKNOWN, "gateway_silent"
        write_state(message)
    report_not_sent(held, now=now)
    return len(held)
