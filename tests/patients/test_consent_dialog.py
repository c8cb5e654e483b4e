from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from pytest_django import Settings

from clinic.models import Setting, User
from patients.models import Consent, ConsentText, Patient
from patients.queries import list_wordings
from tests.factories import make_patient

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def patient(db: None) -> Patient:
    return make_patient()


@pytest.fixture
def desk(olga: User, client_for: SignIn) -> Client:
    return client_for(olga)


def answer(desk: Client, patient: Patient, *ticks: str) -> int:
    ticked = dict.fromkeys(ticks, "on")
    response = desk.post(
        f"/patients/{patient.pk}/consents/", ticked, headers=HTMX, REMOTE_ADDR="10.0.0.5"
    )
    return response.status_code


def test_each_purpose_and_channel_has_its_wording_and_no_tick(
    desk: Client, patient: Patient
) -> None:
    page = desk.get(f"/patients/{patient.pk}/consents/", headers=HTMX).content.decode()

    for wording in list_wordings(language="ru").values():
        assert wording.body in page
    assert page.count('type="checkbox"') == 6
    assert "checked" not in page


def test_a_tick_is_a_grant_with_its_proof(desk: Client, patient: Patient, olga: User) -> None:
    assert answer(desk, patient, "yes_marketing_sms") == 204

    consent = Consent.objects.get()
    assert (consent.purpose, consent.channel, consent.action) == ("MARKETING", "SMS", "GIVEN")
    assert (consent.origin, consent.actor, consent.ip) == ("DESK", olga, "10.0.0.5")
    assert consent.text == list_wordings(language="ru")["MARKETING", "SMS"].body


def test_no_tick_is_no_answer(desk: Client, patient: Patient) -> None:
    assert answer(desk, patient) == 204

    assert not Consent.objects.exists()


def test_what_was_given_can_be_withdrawn(desk: Client, patient: Patient) -> None:
    answer(desk, patient, "yes_personal_data", "yes_marketing_sms")

    assert answer(desk, patient, "no_marketing_sms") == 204

    newest = Consent.objects.latest("id")
    assert (newest.purpose, newest.action) == ("MARKETING", "WITHDRAWN")


def test_yes_and_no_at_once_is_asked_again(desk: Client, patient: Patient) -> None:
    assert answer(desk, patient, "yes_marketing_sms", "no_marketing_sms") == 422

    assert not Consent.objects.exists()


def test_the_wording_is_in_the_patients_language_and_names_the_clinic(
    patient: Patient, settings: Settings
) -> None:
    settings.CLINIC_NAME = "Клиника «Здоровье»"
    assert "Клиника «Здоровье»" in list_wordings(language="ru")["PERSONAL_DATA", ""].body

    Setting.objects.create(pk=1, legal_name="ООО «Здоровье»")

    english = list_wordings(language="en")["PERSONAL_DATA", ""].body
    assert english.startswith("I allow ООО «Здоровье»")


def test_a_new_version_is_shown_and_renews_nothing(desk: Client, patient: Patient) -> None:
    answer(desk, patient, "yes_marketing_sms")
    ConsentText.objects.create(
        purpose="MARKETING", channel="SMS", language="ru", version=2, body="Новый текст."
    )

    wording = list_wordings(language="ru")["MARKETING", "SMS"]

    assert (wording.version, wording.body) == (2, "Новый текст.")
    assert Consent.objects.count() == 1
    assert Consent.objects.get().text != "Новый текст."


def test_wordings_are_never_changed(db: None) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ConsentText.objects.update(body="")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ConsentText.objects.all().delete()
