from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from clinic.models import User
from patients.actions import record_listing
from patients.models import AccessEntry, Patient
from tests.factories import make_patient

NOW = datetime(2026, 12, 1, 7, tzinfo=UTC)
SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def patient(db: None) -> Patient:
    return make_patient(last_name="Алёхина", phone="+79161234567")


def note(olga: User, *patients: Patient, later: timedelta = timedelta(), place: str = "x:y") -> int:
    return record_listing(
        patient_ids=[patient.pk for patient in patients],
        actor_id=olga.pk,
        place=place,
        ip="10.0.0.1",
        now=NOW + later,
    )


def test_each_patient_of_a_list_is_written_down(olga: User, patient: Patient) -> None:
    other = make_patient()

    assert note(olga, patient, other) == 2

    entries = AccessEntry.objects.values_list("patient", "actor", "action", "place", "ip", "at")
    assert set(entries) == {
        (one.pk, olga.pk, "LISTED", "x:y", "10.0.0.1", NOW) for one in (patient, other)
    }


def test_a_look_that_goes_on_is_one_look(olga: User, viktor: User, patient: Patient) -> None:
    note(olga, patient)

    assert note(olga, patient, make_patient(), later=timedelta(minutes=14)) == 1
    assert note(olga, patient, later=timedelta(minutes=15)) == 1
    assert note(olga, patient, place="y:z") == 1
    assert note(viktor, patient) == 1


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("desk:patients", {}),
        ("desk:search", {"q": "алёх"}),
        ("desk:booking_patients", {"q": "алёх"}),
        ("patients:pick", {"find": "алёх"}),
        ("intake:request_match", {"phone": "8 916 123-45-67"}),
    ],
)
def test_lists_and_searches_are_in_the_journal(
    client_for: SignIn, olga: User, patient: Patient, address: str, query: dict[str, str]
) -> None:
    client_for(olga).get(reverse(address), query, headers=HTMX)

    entry = AccessEntry.objects.get()
    assert (entry.patient_id, entry.actor, entry.action) == (patient.pk, olga, "LISTED")
    assert entry.place == address


def test_a_list_that_cannot_be_written_down_is_not_shown(
    client_for: SignIn, olga: User, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_told: object) -> int:
        raise DatabaseError

    monkeypatch.setattr("patients.doors.record_listing", fail)
    client = client_for(olga)
    client.raise_request_exception = False

    response = client.get(reverse("desk:patients"))

    assert response.status_code == 503
    assert "Алёхина" not in response.content.decode()
