from datetime import datetime
from hashlib import sha256

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.models import Link, LinkPurpose, Template
from outbox.errors import Refused
from patients.models import (
    Channel,
    Consent,
    ConsentAction,
    ConsentPurpose,
    ContactKind,
    Patient,
)


class LinkInvalid(Refused):
    """Unknown, made for something else, expired or revoked: the visitor is not told which."""

    code = "link_invalid"
    status = 404
    message = _("This link no longer works. Please call the clinic.")


def hash_token(token: str) -> bytes:
    return sha256(token.encode()).digest()


def open_link(*, token: str, purpose: LinkPurpose, now: datetime) -> Link:
    """Return the live link behind the token. Changes nothing. Raises `LinkInvalid`."""
    link = (
        Link.objects.filter(
            Q(expires_at__gt=now) | Q(expires_at=None),
            token_hash=hash_token(token),
            purpose=purpose,
            revoked_at=None,
        )
        .select_related("patient")
        .first()
    )
    if link is None:
        raise LinkInvalid
    return link


def get_template(*, code: str, channel: str, language: str) -> Template:
    """Return the text in the patient's language, in Russian where it was never translated."""
    texts = {row.language: row for row in Template.objects.filter(code=code, channel=channel)}
    return texts.get(language) or texts["ru"]


def list_addresses(*, patient: Patient) -> dict[str, str]:
    """Return the working main contact per channel, the preferred channel first."""
    kinds = {
        ContactKind.PHONE.value: Channel.SMS.value,
        ContactKind.EMAIL.value: Channel.EMAIL.value,
    }
    contacts = patient.contacts.filter(is_valid=True).order_by("is_primary", "-id")
    found = {kinds[contact.kind]: contact.value for contact in contacts}
    return dict(sorted(found.items(), key=lambda item: item[0] != patient.channel))


def list_marketing_channels(*, patient_id: int) -> set[str]:
    """Return the channels for which the newest word of the patient is a consent."""
    newest = (
        Consent.objects.filter(patient_id=patient_id, purpose=ConsentPurpose.MARKETING)
        .order_by("channel", "-id")
        .distinct("channel")
    )
    return {row.channel for row in newest if row.action == ConsentAction.GIVEN}
