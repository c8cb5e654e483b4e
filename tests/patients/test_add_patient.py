from datetime import UTC, date, datetime
from typing import Any

import pytest

from clinic.models import User
from outbox.errors import Refused
from outbox.models import Event
from patients.actions import (
    ContactDetails,
    LooksKnown,
    NameMissing,
    PatientDetails,
    RefusalReasonMissing,
    WrongEmail,
    add_patient,
    register_patient,
)
from patients.models import ContactPoint, Patient
from patients.phones import WrongPhone
from tests.factories import make_patient

NOW = datetime(2026, 12, 1, 7, tzinfo=UTC)


def phone(value: str, **fields: Any) -> ContactDetails:
    return ContactDetails(kind="PHONE", value=value, **fields)


def details(**fields: Any) -> PatientDetails:
    defaults: dict[str, Any] = {"last_name": "Алёхина", "first_name": "Анна-Мария"}
    return PatientDetails(**defaults | fields)


def test_a_patient_is_added_with_contacts_and_an_event(olga: User) -> None:
    patient = add_patient(
        details=details(
            last_name="  Алёхина ",
            birth_on=date(1985, 3, 12),
            contacts=[
                phone("8 (916) 123-45-67"),
                ContactDetails(kind="EMAIL", value=" Anna@Mail.RU "),
            ],
        ),
        actor_id=olga.pk,
        now=NOW,
    )

    assert patient.full_name == "Алёхина Анна-Мария"
    assert patient.name_key == "алехина анна мария"
    assert patient.created_at == NOW
    assert set(patient.contacts.values_list("kind", "value", "is_primary")) == {
        ("PHONE", "+79161234567", True),
        ("EMAIL", "anna@mail.ru", True),
    }
    event = Event.objects.get()
    assert (event.name, event.patient_id, event.actor_id, event.occurred_at) == (
        "patients.PatientAdded",
        patient.pk,
        olga.pk,
        NOW,
    )


def test_one_contact_of_a_kind_is_the_main_one(db: None) -> None:
    patient = add_patient(
        details=details(
            contacts=[
                phone("89161112233"),
                phone("89164445566", is_primary=True, owner="GUARDIAN"),
                phone("+7 916 444-55-66"),
                phone("89167778899", is_primary=True),
            ]
        ),
        actor_id=None,
        now=NOW,
    )

    assert list(
        patient.contacts.order_by("id").values_list("value", "owner", "is_primary")
    ) == [
        ("+79161112233", "OWN", False),
        ("+79164445566", "GUARDIAN", True),
        ("+79167778899", "OWN", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"last_name": " ", "first_name": ""}, NameMissing),
        ({"contacts": [phone("123")]}, WrongPhone),
        ({"contacts": [ContactDetails(kind="EMAIL", value="anna@")]}, WrongEmail),
        ({"status": "REFUSED", "refusal_reason": " "}, RefusalReasonMissing),
    ],
)
def test_bad_details_add_nothing(db: None, wrong: dict[str, Any], refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        add_patient(details=details(**wrong), actor_id=None, now=NOW)

    assert not Patient.objects.exists()
    assert not ContactPoint.objects.exists()
    assert not Event.objects.exists()


def test_a_reason_without_reluctance_is_dropped(db: None) -> None:
    patient = add_patient(
        details=details(status="INTERESTED", refusal_reason="дорого"), actor_id=None, now=NOW
    )

    assert patient.refusal_reason == ""


def test_a_family_may_share_a_phone(db: None) -> None:
    make_patient(last_name="Алёхина", first_name="Ольга", phone="+79161234567")

    child = register_patient(
        details=details(
            first_name="Пётр",
            last_name="Алёхин",
            contacts=[phone("89161234567", owner="GUARDIAN")],
        ),
        actor_id=None,
        now=NOW,
    )

    assert child.contacts.get().value == "+79161234567"


def test_a_lookalike_with_the_same_phone_is_asked_about(db: None) -> None:
    known = make_patient(last_name="Алехина", first_name="Анна", phone="+79161234567")

    with pytest.raises(LooksKnown) as refused:
        register_patient(
            details=details(contacts=[phone("8 916 123 45 67")]), actor_id=None, now=NOW
        )

    assert [(one.row.id, one.reason) for one in refused.value.candidates] == [(known.pk, "contact")]
    assert refused.value.details == {"candidates": [known.pk]}
    assert Patient.objects.count() == 1


def test_told_it_is_another_person_it_is_added(db: None) -> None:
    known = make_patient(last_name="Алехина", first_name="Анна", phone="+79161234567")

    added = register_patient(
        details=details(contacts=[phone("8 916 123 45 67")]),
        not_same_as=[known.pk],
        actor_id=None,
        now=NOW,
    )

    assert added.pk != known.pk


def test_the_same_submit_twice_adds_one(db: None) -> None:
    asked = details(contacts=[phone("8 916 123 45 67")])
    register_patient(details=asked, actor_id=None, now=NOW)

    with pytest.raises(LooksKnown):
        register_patient(details=asked, actor_id=None, now=NOW)

    assert Patient.objects.count() == 1
