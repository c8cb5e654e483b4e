from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from messaging.actions.links import issue_link
from messaging.events import MessageNotSent
from messaging.guard import CHECKS
from messaging.kinds import KINDS, describe_patient
from messaging.legal import list_sms_lines
from messaging.models import LinkPurpose, Message, MessageStatus, Purpose
from messaging.queries import get_template, list_addresses, list_marketing_channels
from messaging.texts import render_text, shorten_values
from outbox.actions import record_event
from patients.models import Channel, Patient

NO_ADDRESS = "no_address"
NO_CONSENT = "no_consent"
UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Subject:
    """What a message is about: `kind` has a check (`messaging.guard.still_wanted`).

    `mark` tells the check what the subject looked like when the message was written.
    """

    kind: str
    id: int
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class MessageDraft:
    """One text to one patient, wanted at `send_at`, useless from `expires_at` on.

    `key` makes it unique whatever is retried. `values` are exactly the variables of the kind
    `template_code` (`messaging.kinds`); those common to all kinds are filled in here. `zone` is
    the time zone whose nights are kept quiet, a branch's as a rule.
    """

    key: str
    patient_id: int
    template_code: str
    values: Mapping[str, str]
    subject: Subject | None
    send_at: datetime
    expires_at: datetime
    zone: str


@transaction.atomic
def queue_message(*, draft: MessageDraft, now: datetime) -> Message | None:
    """Write the message that a sender will send; the same key again changes nothing.

    Goes by the patient's channel, else by another that has an address (and for marketing a
    consent). Returns None when nothing will be sent: a SUPPRESSED row then says why.
    """
    _check(draft)
    message = Message.objects.filter(key=draft.key).first()
    if message is None:
        patient = Patient.objects.get(pk=draft.patient_id)
        message = _write(draft, patient=patient, now=now)
    return None if message.status == MessageStatus.SUPPRESSED else message


def _check(draft: MessageDraft) -> None:
    """Mistakes of the caller, not of a person: they show in the caller's first test."""
    kind = KINDS[draft.template_code]
    if set(draft.values) != kind.variables:
        raise ValueError(f"{draft.template_code} takes exactly {sorted(kind.variables)}")
    if draft.subject is not None and draft.subject.kind not in CHECKS:
        raise ValueError(f"Nobody registered still_wanted({draft.subject.kind!r})")
    if draft.subject is None and kind.purpose == Purpose.SERVICE:
        raise ValueError("A service message needs a subject: the relation that allows it")


def _write(draft: MessageDraft, *, patient: Patient, now: datetime) -> Message:
    kind = KINDS[draft.template_code]
    addresses = list_addresses(patient=patient)
    channel, refusal = _choose_channel(patient, purpose=kind.purpose, addresses=list(addresses))
    message = Message(
        key=draft.key,
        patient=patient,
        kind=draft.template_code,
        purpose=kind.purpose,
        channel=channel,
        language=patient.language,
        address=addresses.get(channel, ""),
        zone=draft.zone,
        send_at=draft.send_at,
        expires_at=draft.expires_at,
        created_at=now,
    )
    if draft.subject is not None:
        message.subject_kind = draft.subject.kind
        message.subject_id = draft.subject.id
        message.subject_mark = draft.subject.mark
    if refusal:
        message.status, message.reason = MessageStatus.SUPPRESSED, refusal
    elif kind.purpose == Purpose.MARKETING:
        message.unsubscribe_url = _issue_way_out(patient, channel, now=now)
    _fill_in(message, {**draft.values, **describe_patient(patient)})
    return _insert(message, now=now)


def _choose_channel(patient: Patient, *, purpose: Purpose, addresses: list[str]) -> tuple[str, str]:
    """Return the channel and "", or the preferred channel and why nothing can be sent."""
    if not patient.is_reachable:
        return patient.channel, UNREACHABLE
    if not addresses:
        return patient.channel, NO_ADDRESS
    if purpose == Purpose.MARKETING:
        allowed = list_marketing_channels(patient_id=patient.pk)
        addresses = [channel for channel in addresses if channel in allowed]
    return (addresses[0], "") if addresses else (patient.channel, NO_CONSENT)


def _issue_way_out(patient: Patient, channel: str, *, now: datetime) -> str:
    return issue_link(
        purpose=LinkPurpose.UNSUBSCRIBE,
        patient_id=patient.pk,
        subject_id=patient.pk,
        channel=channel,
        expires_at=None,
        now=now,
    )


def _fill_in(message: Message, values: Mapping[str, str]) -> None:
    """Write subject and body."""
    template = get_template(code=message.kind, channel=message.channel, language=message.language)
    lines = []
    if message.channel == Channel.SMS:
        values = shorten_values(values)
        if message.unsubscribe_url:
            url = message.unsubscribe_url.removeprefix("https://")
            lines = list_sms_lines(unsubscribe_url=url, language=message.language)
    message.subject = render_text(template.subject, values).strip()
    message.body = "\n".join([render_text(template.body, values).strip(), *lines])


def _insert(message: Message, *, now: datetime) -> Message:
    """Insert unless somebody with the same key was faster; return the row that stands."""
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        return Message.objects.get(key=message.key)
    if message.status == MessageStatus.SUPPRESSED:
        event = MessageNotSent(
            patient_id=message.patient_id, message_id=message.pk, reason=message.reason
        )
        record_event(event, actor_id=None, now=now)
    return message
