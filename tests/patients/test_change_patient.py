from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from clinic.models import User
from outbox.models import Event
from patients.actions import (
    CardChangedMeanwhile,
    ContactDetails,
    ContactUnknown,
    PatientDetails,
    RefusalReasonMissing,
    add_patient,
    change_patient,
    mark_contact,
)
from patients.details import seal_card
from patients.models import Patient
from patients.phones import WrongPhone
from patients.queries import find_address

NOW = datetime(2026, 12, 1, 7, tzinfo=UTC)
ANNA = PatientDetails(
    last_name="Иванова",
    first_name="Анна",
    birth_on=date(1985, 3, 12),
    contacts=[
        ContactDetails(kind="PHONE", value="+79161112233", is_primary=True),
        ContactDetails(kind="PHONE", value="+79164445566", owner="RELATIVE"),
        ContactDetails(kind="EMAIL", value="anna@mail.ru", is_primary=True),
    ],
)


@pytest.fixture
def anna(db: None) -> Patient:
    return add_patient(details=ANNA, actor_id=None, now=NOW)


def changes() -> list[list[str]]:
    events = Event.objects.filter(name="patients.PatientChanged").order_by("id")
    return [event.payload["fields"] for event in events]


def test_names_of_changed_fields_are_recorded_never_values(anna: Patient, olga: User) -> None:
    details = replace(ANNA, last_name="Смирнова", note="Боится уколов", contacts=None)

    change_patient(patient_id=anna.pk, details=details, actor_id=olga.pk, now=NOW)

    anna.refresh_from_db()
    assert (anna.full_name, anna.name_key) == ("Смирнова Анна", "смирнова анна")
    assert anna.contacts.count() == 3
    event = Event.objects.get(name="patients.PatientChanged")
    assert event.payload == {"fields": ["last_name", "note"]}
    assert event.actor_id == olga.pk


def test_saving_the_same_changes_nothing(anna: Patient) -> None:
    change_patient(patient_id=anna.pk, details=ANNA, actor_id=None, now=NOW)

    assert changes() == []


def test_contacts_become_those_given(anna: Patient) -> None:
    details = replace(
        ANNA,
        contacts=[
            ContactDetails(kind="PHONE", value="8 916 444 55 66", owner="OWN", is_primary=True),
            ContactDetails(kind="PHONE", value="8 903 777 88 99"),
            ContactDetails(kind="EMAIL", value="anna@mail.ru", is_valid=False),
        ],
    )

    change_patient(patient_id=anna.pk, details=details, actor_id=None, now=NOW)

    assert set(anna.contacts.values_list("value", "owner", "is_primary", "is_valid")) == {
        ("+79164445566", "OWN", True, True),
        ("+79037778899", "OWN", False, True),
        ("anna@mail.ru", "OWN", True, False),
    }
    assert changes() == [["contacts"]]


def test_a_wrong_phone_changes_nothing(anna: Patient) -> None:
    details = replace(
        ANNA, last_name="Смирнова", contacts=[ContactDetails(kind="PHONE", value="0000000000")]
    )

    with pytest.raises(WrongPhone):
        change_patient(patient_id=anna.pk, details=details, actor_id=None, now=NOW)

    anna.refresh_from_db()
    assert anna.last_name == "Иванова"
    assert anna.contacts.count() == 3
    assert changes() == []


def test_a_refusal_needs_its_reason(anna: Patient) -> None:
    with pytest.raises(RefusalReasonMissing):
        change_patient(
            patient_id=anna.pk, details=replace(ANNA, status="REFUSED"), actor_id=None, now=NOW
        )

    change_patient(
        patient_id=anna.pk,
        details=replace(ANNA, status="REFUSED", refusal_reason="переехала"),
        actor_id=None,
        now=NOW,
    )
    assert changes() == [["status", "refusal_reason"]]


def test_a_dead_contact_is_no_address(anna: Patient) -> None:
    assert find_address(patient=anna, channel="SMS") == "+79161112233"

    mark_contact(patient_id=anna.pk, value="+79161112233", is_valid=False, actor_id=None, now=NOW)
    mark_contact(patient_id=anna.pk, value="anna@mail.ru", is_valid=False, actor_id=None, now=NOW)
    mark_contact(patient_id=anna.pk, value="anna@mail.ru", is_valid=False, actor_id=None, now=NOW)

    assert find_address(patient=anna, channel="SMS") == "+79164445566"
    assert find_address(patient=anna, channel="EMAIL") is None
    assert changes() == [["contacts"], ["contacts"]]


def test_an_unknown_contact_cannot_be_marked(anna: Patient) -> None:
    with pytest.raises(ContactUnknown):
        mark_contact(
            patient_id=anna.pk, value="+79990001122", is_valid=False, actor_id=None, now=NOW
        )


def test_a_card_that_a_colleague_has_changed_is_not_overwritten(anna: Patient) -> None:
    seen = seal_card(anna)
    mark_contact(patient_id=anna.pk, value="anna@mail.ru", is_valid=False, actor_id=None, now=NOW)
    noted = replace(ANNA, note="Боится уколов")

    with pytest.raises(CardChangedMeanwhile):
        change_patient(patient_id=anna.pk, details=noted, actor_id=None, now=NOW, seen=seen)

    anna.refresh_from_db()
    assert anna.note == ""
    assert not anna.contacts.get(value="anna@mail.ru").is_valid


def test_the_same_change_sent_twice_is_no_conflict(anna: Patient) -> None:
    seen, noted = seal_card(anna), replace(ANNA, note="Боится уколов")

    for _click in range(2):
        change_patient(patient_id=anna.pk, details=noted, actor_id=None, now=NOW, seen=seen)

    assert changes() == [["note"]]
