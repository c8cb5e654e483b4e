"""Writing down what became of messages that are not to be sent, or not yet."""

from collections.abc import Sequence
from datetime import datetime

from messaging.events import MessageNotSent
from messaging.letters import hide_links, hide_secrets
from messaging.models import Message, MessageStatus
from outbox.actions import record_events

UNFINISHED = frozenset({MessageStatus.QUEUED, MessageStatus.SENDING})


def write_state(message: Message) -> None:
    """Save the state and give the lease up; a message that is over forgets its secret links."""
    message.lease = message.leased_until = None
    if message.status not in UNFINISHED:
        message.body = hide_secrets(message.body, kind=message.kind)
        message.unsubscribe_url = hide_links(message.unsubscribe_url)
    message.save(
        update_fields=[
            "status",
            "reason",
            "body",
            "unsubscribe_url",
            "attempts",
            "send_at",
            "is_possible_duplicate",
            "lease",
            "leased_until",
        ]
    )


def report_not_sent(messages: Sequence[Message], *, now: datetime) -> None:
    """Record the fact for those of the messages that have come to an end."""
    events = [
        MessageNotSent(patient_id=row.patient_id, message_id=row.pk, reason=row.reason)
        for row in messages
        if row.status not in UNFINISHED
    ]
    record_events(events, actor_id=None, now=now)
