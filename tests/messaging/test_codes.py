from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from messaging.actions import CodeDraft, Subject, queue_code
from messaging.actions.claiming import claim_messages
from messaging.actions.outcomes import store_outcomes
from messaging.gateways import Outcome, Result
from messaging.guard import CHECKS
from messaging.models import Message
from messaging.queries.listing import describe_for
from patients.models import Channel
from tests.factories import make_user

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _known_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHECKS, "test_code", lambda **asked: "")


def draft(**fields: str) -> CodeDraft:
    told = {"channel": "SMS", "address": "+79035554433", "language": "ru", "zone": "Europe/Moscow"}
    return CodeDraft(
        key="code:1",
        code="482913",
        subject=Subject("test_code", 1),
        expires_at=NOW + timedelta(minutes=10),
        **told | fields,
    )


@pytest.mark.django_db
def test_a_code_goes_to_an_address_nobody_is_known_behind() -> None:
    message = queue_code(draft=draft(), now=NOW)

    assert message.patient is None
    assert message.body == "Код: 482913. Никому его не сообщайте."
    assert queue_code(draft=draft(), now=NOW).pk == message.pk
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_code_leaves_the_text_with_the_message() -> None:
    queue_code(draft=draft(), now=NOW)

    claim = claim_messages(channel=Channel.SMS, limit=10, now=NOW)
    (letter,) = claim.letters
    store_outcomes(
        token=claim.token,
        outcomes={letter.id: Outcome(result=Result.ACCEPTED)},
        can_be_asked=True,
        now=NOW,
    )

    assert "482913" in letter.body
    kept = Message.objects.get()
    assert (kept.status, kept.body) == ("SENT", "Код: …. Никому его не сообщайте.")


@pytest.mark.django_db
def test_nobody_of_the_staff_reads_a_code_that_waits() -> None:
    message = queue_code(draft=draft(), now=NOW)

    line = describe_for(message, reader=make_user("root", is_superuser=True))

    assert "482913" not in line.text


@pytest.mark.django_db
def test_a_message_to_nobody_is_about_something() -> None:
    message = queue_code(draft=draft(), now=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(subject_kind="")
