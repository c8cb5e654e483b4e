from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from messaging.actions.queueing import Subject
from messaging.guard import CHECKS
from messaging.kinds import CODE_KINDS
from messaging.models import Message, Purpose
from messaging.queries import get_template
from messaging.texts import render_text


@dataclass(frozen=True, kw_only=True)
class CodeDraft:
    """A code to an address that has not been proved to be anybody's.

    No card is looked for: what is written, and how long that takes, is the same whoever the
    address belongs to. `zone` is the time zone of the branch; a code is useless by morning, so it
    goes at any hour.
    """

    key: str
    channel: str
    address: str
    language: str
    code: str
    subject: Subject
    expires_at: datetime
    zone: str
    template_code: str = "address_code"


@transaction.atomic
def queue_code(*, draft: CodeDraft, now: datetime) -> Message:
    """Write the message with the code; the same key again changes nothing."""
    if draft.template_code not in CODE_KINDS or draft.subject.kind not in CHECKS:
        raise ValueError("A code needs a kind of code and a subject that somebody checks")
    text = get_template(code=draft.template_code, channel=draft.channel, language=draft.language)
    values = {"code": draft.code, "name": ""}
    message = Message(
        key=draft.key,
        kind=draft.template_code,
        purpose=Purpose.SERVICE,
        channel=draft.channel,
        language=draft.language,
        address=draft.address,
        subject=render_text(text.subject, values).strip(),
        body=render_text(text.body, values).strip(),
        zone=draft.zone,
        subject_kind=draft.subject.kind,
        subject_id=draft.subject.id,
        subject_mark=draft.subject.mark,
        send_at=now,
        expires_at=draft.expires_at,
        created_at=now,
    )
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        return Message.objects.get(key=draft.key)
    return message
