from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from messaging.actions.claiming import write_letters
from messaging.events import MessageDelivered, MessageNotSent
from messaging.gateways import Delivery, Letter, Status
from messaging.models import Message, MessageStatus
from outbox.actions import record_events
from outbox.events import DomainEvent
from patients.models import Channel

PAUSES = (
    (timedelta(minutes=5), timedelta(minutes=1)),
    (timedelta(hours=1), timedelta(minutes=10)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(hours=72), timedelta(hours=6)),
)
"""Up to which age of a message its gateway is asked how often; older ones are left alone."""


@transaction.atomic(durable=True)
def claim_unconfirmed(*, channel: Channel, limit: int, now: datetime) -> Sequence[Letter]:
    """Take sent messages of which it is time to ask whether they arrived.

    Taking one sets the time of its next question, so two askers never take the same.
    """
    due = list(
        Message.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(channel=channel, poll_at__lte=now)
        .order_by("poll_at")[:limit]
    )
    for message in due:
        age = now - (message.sent_at or now)
        pauses = [pause for until, pause in PAUSES if age < until]
        message.poll_at = now + pauses[0] if pauses else None
    Message.objects.bulk_update(due, ["poll_at"])
    return write_letters(due)


@transaction.atomic(durable=True)
def store_statuses(*, statuses: Mapping[int, Status], now: datetime) -> int:
    """Write which messages arrived and which failed on the way; return how many came to an end.

    A state only moves forward: what was told twice or out of order changes nothing.
    """
    ended = {pk: told for pk, told in statuses.items() if told.delivery != Delivery.ON_THE_WAY}
    messages = list(
        Message.objects.select_for_update(no_key=True)
        .filter(pk__in=ended, status=MessageStatus.SENT)
        .order_by("pk")
    )
    events: list[DomainEvent] = []
    for message in messages:
        told, message.poll_at = ended[message.pk], None
        if told.delivery == Delivery.DELIVERED:
            message.status = MessageStatus.DELIVERED
            events.append(MessageDelivered(patient_id=message.patient_id, message_id=message.pk))
        else:
            message.status, message.reason = MessageStatus.FAILED, told.reason
            events.append(
                MessageNotSent(
                    patient_id=message.patient_id, message_id=message.pk, reason=told.reason
                )
            )
    Message.objects.bulk_update(messages, ["status", "reason", "poll_at"])
    record_events(events, actor_id=None, now=now)
    return len(messages)
