from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from patients.models import (
    Channel,
    Consent,
    ConsentAction,
    ConsentOrigin,
    ConsentPurpose,
    ContactKind,
    ContactPoint,
    Patient,
)

KIND_OF_CHANNEL = {Channel.SMS: ContactKind.PHONE, Channel.EMAIL: ContactKind.EMAIL}

ASKED: tuple[tuple[str, str], ...] = (
    (ConsentPurpose.PERSONAL_DATA, ""),
    *((ConsentPurpose.MARKETING, channel) for channel in Channel.values),
)
"""Every consent that the clinic asks for: purpose and channel, each with a checkbox of its own."""


@dataclass(frozen=True, kw_only=True)
class ConsentState:
    """What holds now for one purpose and channel. `at` is None: it was never asked."""

    purpose: str
    channel: str
    is_given: bool
    at: datetime | None = None
    origin: str = ""
    text: str = ""

    @property
    def label(self) -> str:
        """«реклама по SMS», in the language of the page."""
        return label_of_consent(self.purpose, self.channel)

    @property
    def origin_label(self) -> str:
        return str(ConsentOrigin(self.origin).label) if self.origin else ""


def label_of_consent(purpose: str, channel: str) -> str:
    match purpose, channel:
        case ConsentPurpose.MARKETING, Channel.SMS:
            return gettext("news and offers by SMS")
        case ConsentPurpose.MARKETING, Channel.EMAIL:
            return gettext("news and offers by e-mail")
    return str(ConsentPurpose(purpose).label)


def find_address(*, patient: Patient, channel: str) -> str | None:
    """Return the phone (E.164) or e-mail that the channel uses: the main one, if it works."""
    return (
        ContactPoint.objects.filter(
            patient=patient, kind=KIND_OF_CHANNEL[Channel(channel)], is_valid=True
        )
        .order_by("-is_primary", "id")
        .values_list("value", flat=True)
        .first()
    )


def has_consent(*, patient_id: int, purpose: str, channel: str = "") -> bool:
    """Whether the newest word of the patient for this purpose and channel is a grant."""
    newest = (
        Consent.objects.filter(patient_id=patient_id, purpose=purpose, channel=channel)
        .order_by("-id")
        .values_list("action", flat=True)
        .first()
    )
    return newest == ConsentAction.GIVEN


def list_consents(*, patient_id: int) -> list[ConsentState]:
    """Return what holds now for each consent in `ASKED`, in that order; one statement."""
    newest = {
        (row.purpose, row.channel): row
        for row in Consent.objects.filter(patient_id=patient_id)
        .order_by("purpose", "channel", "-id")
        .distinct("purpose", "channel")
    }
    return [_state(purpose, channel, newest.get((purpose, channel))) for purpose, channel in ASKED]


def _state(purpose: str, channel: str, newest: Consent | None) -> ConsentState:
    if newest is None:
        return ConsentState(purpose=purpose, channel=channel, is_given=False)
    return ConsentState(
        purpose=purpose,
        channel=channel,
        is_given=newest.action == ConsentAction.GIVEN,
        at=newest.at,
        origin=newest.origin,
        text=newest.text,
    )
