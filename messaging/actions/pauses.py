from datetime import datetime, timedelta

from django.db import transaction

from messaging.events import ChannelPaused, ChannelResumed
from messaging.models import ChannelPause
from outbox.actions import record_event
from patients.models import Channel

PAUSE = timedelta(minutes=10)


@transaction.atomic
def pause_channel(*, channel: Channel, reason: str, now: datetime) -> ChannelPause:
    """Send nothing on the channel for ten minutes; a pause that lasts keeps its beginning."""
    pause, is_new = ChannelPause.objects.update_or_create(
        channel=channel,
        defaults={"reason": reason, "until": now + PAUSE},
        create_defaults={"reason": reason, "since": now, "until": now + PAUSE},
    )
    if is_new:
        event = ChannelPaused(patient_id=None, channel=channel, reason=reason)
        record_event(event, actor_id=None, now=now)
    return pause


@transaction.atomic
def resume_channel(*, channel: Channel, actor_id: int | None, now: datetime) -> bool:
    """End the pause; return whether there was one."""
    ended, _ = ChannelPause.objects.filter(channel=channel).delete()
    if ended:
        event = ChannelResumed(patient_id=None, channel=channel)
        record_event(event, actor_id=actor_id, now=now)
    return bool(ended)
