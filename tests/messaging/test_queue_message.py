from datetime import UTC, datetime, timedelta

import pytest

from messaging.actions import Subject, queue_message
from messaging.models import Link, LinkPurpose, Message
from outbox.models import Event
from patients.models import Channel
from tests.factories import make_patient
from tests.messaging.factories import (
    KIND,
    MARKETING_VALUES,
    REMINDER_VALUES,
    give_marketing_consent,
    make_draft,
    make_marketing_draft,
    withdraw_marketing_consent,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
PHONE, EMAIL = "+79161234567", "anna@example.com"


def test_a_reminder_waits_for_the_sender() -> None:
    patient = make_patient(phone=PHONE)
    draft = make_draft(patient, now=NOW, subject=Subject(kind=KIND, id=7, mark="3"))

    message = queue_message(draft=draft, now=NOW)

    assert message is not None
    assert message.status == Message.Status.QUEUED
    assert (message.channel, message.address) == (Channel.SMS, PHONE)
    assert message.body == "Ждём вас 02.12 в 10:00. Ответить: clinic.ru/v/bO3kZ0vWmTq9yXcR1aLd5g/"
    assert (message.subject_kind, message.subject_id, message.subject_mark) == (KIND, 7, "3")


def test_the_same_key_writes_one_message() -> None:
    draft = make_draft(make_patient(phone=PHONE), now=NOW)

    first = queue_message(draft=draft, now=NOW)
    second = queue_message(draft=draft, now=NOW + timedelta(minutes=5))

    assert first == second
    assert Message.objects.count() == 1


def test_without_the_preferred_address_the_other_channel_is_taken() -> None:
    patient = make_patient(email=EMAIL, channel=Channel.SMS)

    message = queue_message(draft=make_draft(patient, now=NOW), now=NOW)

    assert message is not None
    assert (message.channel, message.address) == (Channel.EMAIL, EMAIL)
    assert message.subject == "Ждём вас 02.12 в 10:00"
    assert "[Ответить](https://clinic.ru/v/bO3kZ0vWmTq9yXcR1aLd5g/)" in message.body


def test_without_any_address_the_row_says_why() -> None:
    draft = make_draft(make_patient(), now=NOW)

    assert queue_message(draft=draft, now=NOW) is None
    assert queue_message(draft=draft, now=NOW) is None

    message = Message.objects.get()
    assert (message.status, message.reason) == (Message.Status.SUPPRESSED, "no_address")
    assert Event.objects.get().payload == {"message_id": message.pk, "reason": "no_address"}


def test_a_contact_that_does_not_work_is_no_address() -> None:
    patient = make_patient(phone=PHONE)
    patient.contacts.update(is_valid=False)

    assert queue_message(draft=make_draft(patient, now=NOW), now=NOW) is None


def test_who_may_not_be_contacted_is_left_alone() -> None:
    patient = make_patient(phone=PHONE, is_reachable=False)

    assert queue_message(draft=make_draft(patient, now=NOW), now=NOW) is None
    assert Message.objects.get().reason == "unreachable"


def test_marketing_carries_the_warning_and_a_way_out() -> None:
    patient = make_patient(phone=PHONE)
    give_marketing_consent(patient, Channel.SMS, now=NOW)

    message = queue_message(draft=make_marketing_draft(patient, now=NOW), now=NOW)

    assert message is not None
    assert message.unsubscribe_url.startswith("http://localhost:8000/u/")
    greeting, warning, way_out = message.body.splitlines()
    assert greeting == "Ждём вас снова: 84951234567"
    assert warning == "Есть противопоказания. Нужна консультация специалиста."
    assert way_out == f"Отписаться: {message.unsubscribe_url}"
    link = Link.objects.get(purpose=LinkPurpose.UNSUBSCRIBE)
    assert (link.patient, link.channel, link.expires_at) == (patient, Channel.SMS, None)


def test_marketing_goes_where_the_consent_is() -> None:
    patient = make_patient(phone=PHONE, email=EMAIL, channel=Channel.SMS)
    give_marketing_consent(patient, Channel.SMS, Channel.EMAIL, now=NOW)
    withdraw_marketing_consent(patient, Channel.SMS, now=NOW)

    message = queue_message(draft=make_marketing_draft(patient, now=NOW), now=NOW)

    assert message is not None
    assert message.channel == Channel.EMAIL


def test_marketing_without_consent_is_held_back() -> None:
    patient = make_patient(phone=PHONE)

    assert queue_message(draft=make_marketing_draft(patient, now=NOW), now=NOW) is None

    assert Message.objects.get().reason == "no_consent"
    assert not Link.objects.exists()


def test_an_english_patient_reads_english() -> None:
    patient = make_patient(phone=PHONE, language="en")

    message = queue_message(draft=make_draft(patient, now=NOW), now=NOW)

    assert message is not None
    assert message.body.startswith("See you 02.12 at 10:00.")


def test_a_value_stays_on_its_line_and_makes_no_button() -> None:
    patient = make_patient(
        email=EMAIL, first_name="Анна]\r\nBcc: a@b.ru [сюда](http://evil.example)", middle_name=""
    )

    message = queue_message(draft=make_draft(patient, now=NOW), now=NOW)

    assert message is not None
    assert "Анна) Bcc: a@b.ru (сюда)(http://evil.example)" in message.body.splitlines()[0]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"values": MARKETING_VALUES}, "takes exactly"),
        ({"values": REMINDER_VALUES | {"service": "массаж"}}, "takes exactly"),
        ({"subject": Subject(kind="nobody_knows", id=1)}, "still_wanted"),
        ({"subject": None}, "needs a subject"),
    ],
)
def test_a_mistake_of_the_caller_shows_at_once(fields: dict[str, object], told: str) -> None:
    draft = make_draft(make_patient(phone=PHONE), now=NOW, **fields)

    with pytest.raises(ValueError, match=told):
        queue_message(draft=draft, now=NOW)

    assert not Message.objects.exists()
