from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from clinic.models import User
from outbox.models import Event
from patients.actions import (
    ConsentNeedsChannel,
    ConsentNeedsText,
    give_consent,
    withdraw_consent,
)
from patients.models import Consent, Patient
from patients.queries import has_consent, list_consents
from tests.factories import make_patient

NOW = datetime(2026, 12, 1, 7, tzinfo=UTC)
SMS: dict[str, Any] = {"purpose": "MARKETING", "channel": "SMS", "origin": "DESK", "ip": "10.0.0.5"}


@pytest.fixture
def patient(db: None) -> Patient:
    return make_patient()


def test_a_grant_keeps_its_proof_and_holds(patient: Patient, olga: User) -> None:
    consent = give_consent(
        patient_id=patient.pk, text="Согласен на SMS.", actor_id=olga.pk, now=NOW, **SMS
    )

    assert (consent.text, consent.actor_id, consent.ip, consent.at) == (
        "Согласен на SMS.",
        olga.pk,
        "10.0.0.5",
        NOW,
    )
    assert has_consent(patient_id=patient.pk, purpose="MARKETING", channel="SMS")
    assert not has_consent(patient_id=patient.pk, purpose="MARKETING", channel="EMAIL")
    assert not has_consent(patient_id=patient.pk, purpose="PERSONAL_DATA")
    assert Event.objects.get().payload == {"purpose": "MARKETING", "channel": "SMS"}


def test_a_withdrawal_holds_at_once_and_the_grant_stays(patient: Patient) -> None:
    give_consent(patient_id=patient.pk, text="Согласен.", actor_id=None, now=NOW, **SMS)
    withdraw_consent(patient_id=patient.pk, actor_id=None, now=NOW + timedelta(days=1), **SMS)

    assert not has_consent(patient_id=patient.pk, purpose="MARKETING", channel="SMS")
    assert list(Consent.objects.order_by("id").values_list("action", flat=True)) == [
        "GIVEN",
        "WITHDRAWN",
    ]


def test_saying_the_same_twice_writes_one_row(patient: Patient) -> None:
    for _ in range(2):
        give_consent(patient_id=patient.pk, text="Согласен.", actor_id=None, now=NOW, **SMS)
    for _ in range(2):
        withdraw_consent(patient_id=patient.pk, actor_id=None, now=NOW, **SMS)

    assert Consent.objects.count() == 2
    assert Event.objects.count() == 2


def test_a_new_wording_is_a_new_grant(patient: Patient) -> None:
    give_consent(patient_id=patient.pk, text="Версия 1.", actor_id=None, now=NOW, **SMS)
    give_consent(patient_id=patient.pk, text="Версия 2.", actor_id=None, now=NOW, **SMS)

    assert Consent.objects.count() == 2


def test_no_without_a_yes_before_is_written(patient: Patient) -> None:
    withdraw_consent(patient_id=patient.pk, actor_id=None, now=NOW, **SMS)

    assert Consent.objects.get().action == "WITHDRAWN"


def test_marketing_without_a_channel_is_refused(patient: Patient) -> None:
    with pytest.raises(ConsentNeedsChannel):
        give_consent(
            patient_id=patient.pk, text="Да.", actor_id=None, now=NOW, **SMS | {"channel": ""}
        )

    assert not Consent.objects.exists()


def test_a_grant_without_its_wording_is_refused(patient: Patient) -> None:
    with pytest.raises(ConsentNeedsText):
        give_consent(patient_id=patient.pk, text=" ", actor_id=None, now=NOW, **SMS)

    assert not Consent.objects.exists()


def test_what_holds_is_listed_for_all_that_is_asked(patient: Patient) -> None:
    give_consent(patient_id=patient.pk, text="Да.", actor_id=None, now=NOW, **SMS)
    withdraw_consent(patient_id=patient.pk, actor_id=None, now=NOW, **SMS | {"channel": "EMAIL"})

    states = [
        (state.purpose, state.channel, state.is_given, state.at)
        for state in list_consents(patient_id=patient.pk)
    ]

    assert states == [
        ("PERSONAL_DATA", "", False, None),
        ("MARKETING", "SMS", True, NOW),
        ("MARKETING", "EMAIL", False, NOW),
    ]


def test_the_database_keeps_every_word(patient: Patient) -> None:
    consent = give_consent(patient_id=patient.pk, text="Да.", actor_id=None, now=NOW, **SMS)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Consent.objects.update(text="")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Consent.objects.all().delete()

    consent.refresh_from_db()
    assert consent.text == "Да."
