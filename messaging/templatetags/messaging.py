from django import template
from django.utils.safestring import SafeString

from clinic.formats import format_moment, format_phone
from clinic.markup import draw_status
from clinic.models import Branch
from messaging.letters import hide_links, spell_out_buttons
from messaging.models import Message, MessageStatus
from messaging.reasons import describe_reason
from patients.models import Channel

register = template.Library()

LOOKS: dict[str, tuple[str, str]] = {
    MessageStatus.QUEUED: ("neutral", "clock"),
    MessageStatus.SENDING: ("info", "send"),
    MessageStatus.SENT: ("success", "check"),
    MessageStatus.DELIVERED: ("success", "checks"),
    MessageStatus.EXPIRED: ("warning", "clock-off"),
    MessageStatus.SUPPRESSED: ("warning", "ban"),
    MessageStatus.FAILED: ("danger", "alert-triangle"),
    MessageStatus.UNKNOWN: ("violet", "help-circle"),
}
"""Tone and icon of each state."""


@register.simple_tag
def state_of(message: Message) -> SafeString:
    tone, icon = LOOKS[message.status]
    return draw_status(str(message.get_status_display()), tone, icon)


@register.filter
def channel_icon(channel: str) -> str:
    return "mail" if channel == Channel.EMAIL else "device-mobile"


@register.filter
def contact(address: str) -> str:
    """A phone as it is read, an e-mail and what is masked as they are."""
    return format_phone(address) if address.startswith("+") and "•" not in address else address


@register.filter
def told_at(message: Message, branch: Branch) -> str:
    """When the message went out, or when it will, or was to."""
    return format_moment(message.sent_at or message.send_at, branch.zone)


@register.filter
def why(reason: str) -> str:
    return describe_reason(reason)


@register.filter
def as_read(body: str) -> str:
    """A text for the eyes of the staff: buttons spelled out, secrets of links left out."""
    return hide_links(spell_out_buttons(body))
