"""The messages as people look through them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404

from clinic.models import Role, User
from messaging.kinds import KINDS
from messaging.letters import hide_secrets, spell_out_buttons
from messaging.models import Message, MessageStatus
from messaging.queries.messages import explain_message
from patients.models import Channel
from patients.phones import mask_email, mask_phone
from patients.queries import find_patients, sees_contacts

READERS = (Role.ADMINISTRATOR, Role.MARKETER, Role.MANAGER)
LOOK_BACK = timedelta(days=7)
"""Over which the figures above the list are counted."""

STATES: dict[str, tuple[str, ...]] = {
    "waiting": (MessageStatus.QUEUED, MessageStatus.SENDING),
    "sent": (MessageStatus.SENT, MessageStatus.DELIVERED),
    "not_sent": (MessageStatus.SUPPRESSED, MessageStatus.EXPIRED, MessageStatus.FAILED),
    "unknown": (MessageStatus.UNKNOWN,),
}
"""What the list can be narrowed to: groups of statuses as people think of them."""

MOST_PATIENTS = 500


@dataclass(frozen=True, kw_only=True)
class MessageFilter:
    """`state` is a key of `STATES`, "" for all; `since` is when the message was written.

    `by_part_of_phone` is that of `find_patients`.
    """

    text: str = ""
    state: str = ""
    kind: str = ""
    channel: str = ""
    purpose: str = ""
    patient_id: int | None = None
    since: datetime | None = None
    by_part_of_phone: bool = True


@dataclass(frozen=True, kw_only=True)
class MessageFigures:
    """Messages written in the last `LOOK_BACK`, by state."""

    waiting: int
    sent: int
    not_sent: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class MessageLine:
    """A message as this reader may see it: the address masked for some, links for everybody."""

    message: Message
    kind: str
    address: str
    text: str
    why: str

    @property
    def has_gone(self) -> bool:
        """Its state says all there is to say."""
        return self.message.status in STATES["sent"]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.message.zone)


def access_message(*, actor: User, message_id: int) -> Message:
    """Find the message. Raises `Http404`, `PermissionDenied` for a doctor."""
    message = Message.objects.select_related("patient").filter(pk=message_id).first()
    if message is None or not (actor.role or actor.is_superuser):
        raise Http404
    if actor.role not in READERS and not actor.is_superuser:
        raise PermissionDenied
    return message


def list_messages(*, wanted: MessageFilter) -> QuerySet[Message]:
    """Return the messages with their patients, newest first."""
    messages = Message.objects.select_related("patient").order_by("-created_at", "-id")
    if wanted.text:
        found = find_patients(
            text=wanted.text,
            limit=MOST_PATIENTS,
            by_part_of_phone=wanted.by_part_of_phone,
        )
        messages = messages.filter(patient_id__in=[row.id for row in found])
    if wanted.state:
        messages = messages.filter(status__in=STATES[wanted.state])
    if wanted.since:
        messages = messages.filter(created_at__gte=wanted.since)
    same = {
        "kind": wanted.kind,
        "channel": wanted.channel,
        "purpose": wanted.purpose,
        "patient_id": wanted.patient_id,
    }
    return messages.filter(**{name: value for name, value in same.items() if value})


def list_messages_of(*, patient_id: int) -> QuerySet[Message]:
    """Return the messages of a patient, newest first."""
    return list_messages(wanted=MessageFilter(patient_id=patient_id))


def count_messages(*, now: datetime) -> MessageFigures:
    """Count by state in one statement."""
    counts = {name: Count("pk", filter=Q(status__in=group)) for name, group in STATES.items()}
    written = Message.objects.filter(created_at__gte=now - LOOK_BACK)
    return MessageFigures(**written.aggregate(**counts))


def describe_for(message: Message, *, reader: User) -> MessageLine:
    """Return what the reader may see of the message."""
    kind = KINDS.get(message.kind)
    address = message.address
    if address and not sees_contacts(reader):
        address = mask_phone(address) if message.channel == Channel.SMS else mask_email(address)
    return MessageLine(
        message=message,
        kind=str(kind.name) if kind else message.kind,
        address=address,
        text=hide_secrets(spell_out_buttons(message.body), kind=message.kind),
        why=explain_message(message),
    )
