from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from clinic.models import User
from patients.models import AccessEntry, Consent, Patient
from patients.queries import list_wordings
from tests.factories import make_patient, make_source

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/patients/"
PHONE = {"kind": "PHONE", "value": "8 916 123-45-67"}
Program = Callable[[User], APIClient]


@pytest.fixture
def program_of() -> Program:
    """A program that sends the token of the given user."""

    def connect(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return connect


@pytest.fixture
def site(olga: User, program_of: Program) -> APIClient:
    return program_of(olga)


def test_a_patient_is_added_as_people_write(site: APIClient) -> None:
    source = make_source(code="direct")
    body = {
        "last_name": "Алёхина",
        "first_name": "Анна",
        "birth_on": "12.3.85",
        "source_code": "direct",
        "contacts": [PHONE, {"kind": "EMAIL", "value": "Mama@Mail.ru", "owner": "GUARDIAN"}],
    }

    answer = site.post(ADDRESS, body)

    assert answer.status_code == 201
    patient = Patient.objects.get()
    assert (patient.full_name, patient.source) == ("Алёхина Анна", source)
    assert answer.data["birth_on"] == "1985-03-12"
    assert answer.data["source_code"] == "direct"
    assert [dict(contact) for contact in answer.data["contacts"]] == [
        {
            "kind": "PHONE",
            "value": "+79161234567",
            "owner": "OWN",
            "is_primary": True,
            "works": True,
        },
        {
            "kind": "EMAIL",
            "value": "mama@mail.ru",
            "owner": "GUARDIAN",
            "is_primary": True,
            "works": True,
        },
    ]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"contacts": [{"kind": "PHONE", "value": "0000000000"}]}, "wrong_phone"),
        ({"contacts": [{"kind": "EMAIL", "value": "anna@"}]}, "wrong_email"),
        ({"last_name": "", "first_name": ""}, "name_missing"),
        ({"status": "REFUSED"}, "refusal_reason_missing"),
        ({"birth_on": "31.02.1985"}, "invalid"),
        ({"birth_on": "12.03.2999"}, "invalid"),
        ({"branch": 999}, "invalid"),
        ({"contacts": [PHONE] * 11}, "invalid"),
    ],
)
def test_what_cannot_be_has_a_code_and_adds_nobody(
    site: APIClient, wrong: dict[str, Any], code: str
) -> None:
    answer = site.post(ADDRESS, {"last_name": "Алёхина", "first_name": "Анна"} | wrong)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.data["code"] == code
    assert not Patient.objects.exists()


def test_a_lookalike_is_named_and_not_merged(site: APIClient) -> None:
    known = make_patient(last_name="Алехина", first_name="Анна", phone="+79161234567")
    body = {"last_name": "Алёхина", "first_name": "Анна", "contacts": [PHONE]}

    refused = site.post(ADDRESS, body)
    added = site.post(ADDRESS, body | {"not_same_as": [known.pk]})

    assert (refused.status_code, refused.data["code"]) == (409, "looks_known")
    assert refused.data["candidates"] == [known.pk]
    assert added.status_code == 201
    assert added.data["id"] != known.pk


def test_the_list_is_by_name_searched_and_journalled(site: APIClient, olga: User) -> None:
    boris = make_patient(last_name="Борисов", phone="+79161234567")
    anna = make_patient(last_name="Анина", phone="+79030001122")

    everybody = site.get(ADDRESS)
    found = site.get(f"{ADDRESS}?q=4567")

    assert [row["id"] for row in everybody.data["results"]] == [anna.pk, boris.pk]
    assert [row["id"] for row in found.data["results"]] == [boris.pk]
    entries = AccessEntry.objects.filter(action="LISTED", actor=olga)
    assert sorted(entries.values_list("patient", flat=True)) == sorted(
        [anna.pk, boris.pk, boris.pk]
    )


def test_pages_follow_by_a_cursor(site: APIClient) -> None:
    made = {make_patient(last_name="Иванов").pk for _ in range(53)}

    first = site.get(ADDRESS)
    second = site.get(first.data["next"])

    assert {row["id"] for page in (first, second) for row in page.data["results"]} == made
    assert second.data["next"] is None


@pytest.mark.parametrize("patients", [1, 20])
def test_a_page_costs_the_same_however_many_there_are(
    site: APIClient, django_assert_num_queries: DjangoAssertNumQueries, patients: int
) -> None:
    for number in range(patients):
        make_patient(phone=f"+7916123{number:04}")

    with django_assert_num_queries(7):
        site.get(ADDRESS)


def test_one_patient_is_opened_through_the_journal(site: APIClient) -> None:
    patient = make_patient(phone="+79161234567")

    answer = site.get(f"{ADDRESS}{patient.pk}/")

    assert answer.data["id"] == patient.pk
    entry = AccessEntry.objects.get()
    assert (entry.patient, entry.action, entry.place) == (patient, "OPENED", "patients_api:patient")


@pytest.mark.parametrize(
    "recorder", ["patients.doors.record_access", "patients.doors.record_accesses"]
)
def test_no_journal_no_data(site: APIClient, recorder: str) -> None:
    patient = make_patient(last_name="Иванова")
    site.raise_request_exception = False
    address = f"{ADDRESS}{patient.pk}/" if recorder.endswith("access") else ADDRESS

    with patch(recorder, side_effect=DatabaseError):
        answer = site.get(address)

    assert answer.status_code == 503
    assert "Иванова" not in answer.content.decode()


def test_a_change_leaves_what_it_does_not_name(site: APIClient) -> None:
    patient = make_patient(first_name="Анна", note="Звонить вечером", phone="+79161234567")

    answer = site.patch(f"{ADDRESS}{patient.pk}/", {"first_name": "Мария"})

    patient.refresh_from_db()
    assert answer.status_code == 200
    assert (patient.first_name, patient.note) == ("Мария", "Звонить вечером")
    assert patient.contacts.count() == 1


def test_a_change_may_empty_and_replace(site: APIClient) -> None:
    patient = make_patient(source=make_source(), phone="+79161234567")
    body = {"source_code": None, "birth_on": None, "contacts": [PHONE | {"value": "89030001122"}]}

    site.patch(f"{ADDRESS}{patient.pk}/", body)

    patient.refresh_from_db()
    assert (patient.source, patient.birth_on) == (None, None)
    assert [contact.value for contact in patient.contacts.all()] == ["+79030001122"]


def test_a_consent_is_given_and_withdrawn_with_its_proof(site: APIClient, olga: User) -> None:
    patient = make_patient()
    address = f"{ADDRESS}{patient.pk}/consents/"
    asked = {"purpose": "MARKETING", "channel": "SMS"}

    given = site.post(address, asked | {"action": "GIVEN"}, REMOTE_ADDR="10.0.0.5")
    withdrawn = site.post(address, asked | {"action": "WITHDRAWN"})

    first = Consent.objects.earliest("id")
    assert (first.origin, first.actor, first.ip) == ("API", olga, "10.0.0.5")
    assert first.text == list_wordings(language="ru")["MARKETING", "SMS"].body
    assert [row["is_given"] for row in given.data] == [False, True, False]
    assert [row["is_given"] for row in withdrawn.data] == [False, False, False]
    assert [row["is_given"] for row in site.get(address).data] == [False, False, False]


def test_marketing_without_a_channel_is_refused(site: APIClient) -> None:
    patient = make_patient()
    body = {"purpose": "MARKETING", "action": "GIVEN"}

    answer = site.post(f"{ADDRESS}{patient.pk}/consents/", body)

    assert (answer.status_code, answer.data["code"]) == (400, "consent_needs_channel")
    assert not Consent.objects.exists()


def test_an_unknown_patient_is_not_found(site: APIClient) -> None:
    for address in (f"{ADDRESS}999999/", f"{ADDRESS}999999/consents/"):
        answer = site.get(address)
        assert (answer.status_code, answer.data["code"]) == (404, "not_found")


@pytest.mark.parametrize("who", ["dmitry", "marina", "stranger"])
def test_others_have_no_key(who: str, request: pytest.FixtureRequest, program_of: Program) -> None:
    patient = make_patient()
    program = program_of(request.getfixturevalue(who))

    for address in (ADDRESS, f"{ADDRESS}{patient.pk}/", f"{ADDRESS}{patient.pk}/consents/"):
        assert program.get(address).status_code == 403
    assert not AccessEntry.objects.exists()
