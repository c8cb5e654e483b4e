from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from outbox.actions import record_event
from outbox.errors import Refused
from patients.events import ConsentGiven, ConsentWithdrawn
from patients.models import Consent, ConsentAction, ConsentPurpose, Patient


class ConsentNeedsText(Refused):
    code = "consent_needs_text"
    status = 400
    message = _("A consent is kept with the wording that was shown.")


class ConsentNeedsChannel(Refused):
    code = "consent_needs_channel"
    status = 400
    message = _("A consent to marketing names its channel: SMS or e-mail.")


@transaction.atomic
def give_consent(
    *,
    patient_id: int,
    purpose: str,
    channel: str = "",
    origin: str,
    text: str,
    actor_id: int | None,
    ip: str | None,
    now: datetime,
) -> Consent:
    """Write down a grant with its proof: the wording shown, who took it, where and when.

    Repeating a grant of the same wording changes nothing. Raises `ConsentNeedsText`,
    `ConsentNeedsChannel`.
    """
    _check(purpose, channel)
    if not text.strip():
        raise ConsentNeedsText
    newest = _lock_newest(patient_id, purpose, channel)
    if newest and newest.action == ConsentAction.GIVEN and newest.text == text:
        return newest
    consent = Consent.objects.create(
        patient_id=patient_id,
        purpose=purpose,
        channel=channel,
        action=ConsentAction.GIVEN,
        origin=origin,
        text=text,
        actor_id=actor_id,
        ip=ip,
        at=now,
    )
    record_event(
        ConsentGiven(patient_id=patient_id, purpose=purpose, channel=channel),
        actor_id=actor_id,
        now=now,
    )
    return consent


@transaction.atomic
def withdraw_consent(
    *,
    patient_id: int,
    purpose: str,
    channel: str = "",
    origin: str,
    actor_id: int | None,
    ip: str | None,
    now: datetime,
) -> Consent:
    """Write down a withdrawal; it holds from this moment. Repeating it changes nothing.

    A withdrawal is written even where no grant was: the patient has said no. Raises
    `ConsentNeedsChannel`.
    """
    _check(purpose, channel)
    newest = _lock_newest(patient_id, purpose, channel)
    if newest and newest.action == ConsentAction.WITHDRAWN:
        return newest
    consent = Consent.objects.create(
        patient_id=patient_id,
        purpose=purpose,
        channel=channel,
        action=ConsentAction.WITHDRAWN,
        origin=origin,
        actor_id=actor_id,
        ip=ip,
        at=now,
    )
    record_event(
        ConsentWithdrawn(patient_id=patient_id, purpose=purpose, channel=channel),
        actor_id=actor_id,
        now=now,
    )
    return consent


@dataclass(frozen=True, kw_only=True)
class ConsentAnswer:
    """What the patient said to one question. `text` is the wording shown, for a yes."""

    purpose: str
    channel: str
    is_given: bool
    text: str = ""


@transaction.atomic
def record_answers(
    *,
    patient_id: int,
    answers: Sequence[ConsentAnswer],
    origin: str,
    actor_id: int | None,
    ip: str | None,
    now: datetime,
) -> list[Consent]:
    """Write down several answers at once, all or none. Raises as `give_consent`."""
    return [
        give_consent(
            patient_id=patient_id,
            purpose=answer.purpose,
            channel=answer.channel,
            origin=origin,
            text=answer.text,
            actor_id=actor_id,
            ip=ip,
            now=now,
        )
        if answer.is_given
        else withdraw_consent(
            patient_id=patient_id,
            purpose=answer.purpose,
            channel=answer.channel,
            origin=origin,
            actor_id=actor_id,
            ip=ip,
            now=now,
        )
        for answer in answers
    ]


def _check(purpose: str, channel: str) -> None:
    if purpose == ConsentPurpose.MARKETING and not channel:
        raise ConsentNeedsChannel


def _lock_newest(patient_id: int, purpose: str, channel: str) -> Consent | None:
    Patient.objects.select_for_update(no_key=True).get(pk=patient_id)
    return (
        Consent.objects.filter(patient_id=patient_id, purpose=purpose, channel=channel)
        .order_by("-id")
        .first()
    )
