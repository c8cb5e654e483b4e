"""Messages for tests, about a subject whose check says what the test wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db.models.functions import Now

from messaging import guard
from messaging.actions import MessageDraft, Subject, queue_message
from messaging.models import Message
from patients.models import Channel, Consent, ConsentAction, ConsentOrigin, ConsentPurpose, Patient

KIND = "test_subject"
REMINDER_VALUES = {
    "date": "02.12",
    "day": "2 декабря, среда",
    "time": "10:00",
    "branch": "На Тверской",
    "address": "ул. Тверская, 12",
    "phone": "8 (495) 123-45-67",
    "link": "https://clinic.ru/v/bO3kZ0vWmTq9yXcR1aLd5g/",
}
MARKETING_VALUES = {name: REMINDER_VALUES[name] for name in ("branch", "address", "phone")}

_numbers = count(1)


@contextmanager
def registered(kind: str, check: guard.Check) -> Iterator[None]:
    """A check for the time of a test."""
    guard.still_wanted(kind)(check)
    try:
        yield
    finally:
        del guard.CHECKS[kind]


def always_wanted(*, subject_id: int, mark: str, now: datetime) -> str:
    return ""


def make_draft(patient: Patient, *, now: datetime, **fields: Any) -> MessageDraft:
    """A reminder wanted at once and useful for a day."""
    defaults: dict[str, Any] = {
        "key": f"message-{next(_numbers)}",
        "patient_id": patient.pk,
        "template_code": "appointment_reminder",
        "values": REMINDER_VALUES,
        "subject": Subject(kind=KIND, id=1),
        "send_at": now,
        "expires_at": now + timedelta(days=1),
        "zone": "Europe/Moscow",
    }
    return MessageDraft(**defaults | fields)


def make_marketing_draft(patient: Patient, *, now: datetime, **fields: Any) -> MessageDraft:
    defaults = {"template_code": "reactivation_1", "values": MARKETING_VALUES, "subject": None}
    return make_draft(patient, now=now, **defaults | fields)


def make_message(patient: Patient, *, now: datetime, **fields: Any) -> Message:
    message = queue_message(draft=make_draft(patient, now=now, **fields), now=now)
    assert message is not None
    return message


def make_marketing_message(patient: Patient, *, now: datetime, **fields: Any) -> Message:
    message = queue_message(draft=make_marketing_draft(patient, now=now, **fields), now=now)
    assert message is not None
    return message


def expire_lease(*messages: Message) -> None:
    """As if the sender had been silent for longer than its lease."""
    held = Message.objects.filter(pk__in=[row.pk for row in messages], lease__isnull=False)
    held.update(leased_until=Now() - timedelta(seconds=1))


def give_marketing_consent(patient: Patient, *channels: Channel, now: datetime) -> None:
    _record_consent(patient, channels, ConsentAction.GIVEN, now=now)


def withdraw_marketing_consent(patient: Patient, *channels: Channel, now: datetime) -> None:
    _record_consent(patient, channels, ConsentAction.WITHDRAWN, now=now)


def _record_consent(
    patient: Patient, channels: tuple[Channel, ...], action: ConsentAction, *, now: datetime
) -> None:
    Consent.objects.bulk_create(
        Consent(
            patient=patient,
            purpose=ConsentPurpose.MARKETING,
            channel=channel,
            action=action,
            origin=ConsentOrigin.DESK,
            at=now,
        )
        for channel in channels
    )
