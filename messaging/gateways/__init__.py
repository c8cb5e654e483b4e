"""The gateways of this installation, one per channel."""

from functools import cache

from django.conf import settings

from messaging.gateways.base import (
    AskableGateway,
    Delivery,
    Gateway,
    GatewaySilent,
    Outcome,
    Result,
    Status,
)
from messaging.gateways.smsc import SmscGateway
from messaging.gateways.smtp import SmtpGateway
from messaging.letters import Letter
from patients.models import Channel

__all__ = [
    "AskableGateway",
    "Delivery",
    "Gateway",
    "GatewaySilent",
    "Letter",
    "Outcome",
    "Result",
    "SmscGateway",
    "SmtpGateway",
    "Status",
    "get_gateway",
]


@cache
def get_gateway(channel: Channel) -> Gateway:
    """Return the process's gateway for the channel, with its open connections."""
    match channel:
        case Channel.SMS:
            return SmscGateway(
                settings.SMS_GATEWAY_URL,
                login=settings.SMS_GATEWAY_LOGIN,
                password=settings.SMS_GATEWAY_PASSWORD,
                sender=settings.SMS_SENDER,
            )
        case Channel.EMAIL:
            return SmtpGateway(
                sender=settings.DEFAULT_FROM_EMAIL,
                clinic_name=settings.CLINIC_NAME,
                public_url=settings.PUBLIC_URL,
            )
