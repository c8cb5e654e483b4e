"""The way out: a GET changes nothing, one POST is enough, for ever and from any mail program."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from messaging.actions import issue_link
from messaging.models import LinkPurpose, Message
from messaging.sender import send_next
from patients.models import Channel, Consent, ConsentAction, ConsentOrigin, Patient
from patients.queries import has_consent
from tests.factories import make_patient
from tests.messaging.factories import give_marketing_consent, make_marketing_message
from tests.messaging.gateways import AskableScriptedGateway
from tests.threads import run_at_once

SCANNERS = [
    "Barracuda",
    "Mimecast",
    "Proofpoint",
    "Google-Safety",
    "bingbot",
    "curl/8",
    "YandexBot",
]


@pytest.fixture
def anna(db: None) -> Patient:
    patient = make_patient(phone="+79161234567")
    give_marketing_consent(patient, Channel.SMS, Channel.EMAIL, now=timezone.now())
    return patient


def link_of(patient: Patient, channel: Channel = Channel.SMS) -> str:
    url = issue_link(
        purpose=LinkPurpose.UNSUBSCRIBE,
        patient_id=patient.pk,
        subject_id=patient.pk,
        channel=channel,
        expires_at=None,
        now=timezone.now() - timedelta(days=3000),
    )
    return url.removeprefix("http://localhost:8000")


def agrees(patient: Patient, channel: Channel = Channel.SMS) -> bool:
    return has_consent(patient_id=patient.pk, purpose="MARKETING", channel=channel)


def test_one_post_withdraws_the_consent_of_the_channel(anna: Patient) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post(link_of(anna), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert not answer.cookies
    assert not agrees(anna)
    assert agrees(anna, Channel.EMAIL)
    newest = Consent.objects.latest("pk")
    assert (newest.origin, newest.action, newest.ip) == (
        ConsentOrigin.LINK,
        ConsentAction.WITHDRAWN,
        "127.0.0.1",
    )


def test_looking_changes_nothing(anna: Patient, client: Client) -> None:
    address = link_of(anna)

    for agent in SCANNERS:
        assert client.get(address, headers={"user-agent": agent}).status_code == 200
        assert client.head(address).status_code == 200
    assert client.options(address).status_code == 405
    assert client.put(address).status_code == 405

    assert agrees(anna)


def test_the_page_asks_first_and_says_afterwards_that_it_is_done(
    anna: Patient, client: Client
) -> None:
    address = link_of(anna)

    before, after = client.get(address), client.post(address)

    assert "<form" in before.text
    assert "<form" not in after.text
    assert "<form" not in client.get(address).text


def test_the_page_tells_nobody_where_it_was_opened(anna: Patient, client: Client) -> None:
    answer = client.get(link_of(anna))

    assert 'name="referrer" content="same-origin"' in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert "Петрова" not in answer.text


def test_twice_is_once(anna: Patient, client: Client) -> None:
    address = link_of(anna)
    client.post(address)
    rows = Consent.objects.count()

    assert client.post(address).status_code == 200
    assert Consent.objects.count() == rows


def test_what_is_queued_does_not_go_out_any_more(anna: Patient, client: Client) -> None:
    now = timezone.now()
    message = make_marketing_message(anna, now=now)

    client.post(message.unsubscribe_url.removeprefix("http://localhost:8000"))
    send_next(channel=Channel.SMS, now=now, gateway=AskableScriptedGateway())

    message.refresh_from_db()
    assert (message.status, message.reason) == (Message.Status.SUPPRESSED, "no_consent")


@pytest.mark.parametrize("token", ["nobody", "A" * 22, "%00", "ъ"])
def test_a_guess_finds_nothing(db: None, client: Client, token: str) -> None:
    assert client.get(f"/u/{token}/").status_code == 404
    assert client.post(f"/u/{token}/").status_code == 404


def test_another_kind_of_link_does_not_unsubscribe(anna: Patient, client: Client) -> None:
    url = issue_link(
        purpose=LinkPurpose.REVIEW,
        patient_id=anna.pk,
        subject_id=1,
        expires_at=None,
        now=timezone.now(),
    )

    answer = client.post(url.removeprefix("http://localhost:8000").replace("/r/", "/u/"))

    assert answer.status_code == 404
    assert agrees(anna)


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_withdrawal() -> None:
    patient = make_patient(phone="+79161234567")
    give_marketing_consent(patient, Channel.SMS, now=timezone.now())
    address = link_of(patient)

    codes = run_at_once([lambda: Client().post(address).status_code] * 20)

    assert codes == [200] * 20
    assert Consent.objects.filter(action=ConsentAction.WITHDRAWN).count() == 1
