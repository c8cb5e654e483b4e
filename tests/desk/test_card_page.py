from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from appointments.models import PatientTotals
from clinic.models import Role, User
from desk.queries.card import get_card
from patients.actions import ContactDetails, PatientDetails, add_patient, relate_patients
from patients.models import AccessEntry, Patient
from prescriptions.models import Prescription, PrescriptionLine
from tests.factories import (
    Clinic,
    make_appointment,
    make_clinic,
    make_patient,
)
from worklist.models import Task

NOW = datetime(2026, 12, 1, 7, tzinfo=UTC)
SignIn = Callable[[User], Client]


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic()


def test_the_card_says_who_and_how_to_reach(clinic: Clinic, olga: User, client_for: SignIn) -> None:
    page = client_for(olga).get(f"/patients/{clinic.patient.pk}/").content.decode()

    assert clinic.patient.full_name in page
    assert 'href="tel:+79161234567"' in page
    assert "12.04.1988" in page


def test_an_opening_is_in_the_journal_before_anything_is_shown(
    clinic: Clinic, olga: User, client_for: SignIn
) -> None:
    client_for(olga).get(f"/patients/{clinic.patient.pk}/", REMOTE_ADDR="10.0.0.5")

    entry = AccessEntry.objects.get()
    assert (entry.patient, entry.actor, entry.action) == (clinic.patient, olga, "OPENED")
    assert (entry.place, entry.ip) == ("desk:card", "10.0.0.5")


@pytest.mark.parametrize("address", ["", "timeline/", "edit/"])
def test_no_journal_no_data(clinic: Clinic, olga: User, client_for: SignIn, address: str) -> None:
    client = client_for(olga)
    client.raise_request_exception = False

    with patch("patients.doors.record_access", side_effect=DatabaseError("the disk is full")):
        response = client.get(f"/patients/{clinic.patient.pk}/{address}")

    assert response.status_code == 503
    assert clinic.patient.last_name not in response.content.decode()
    assert not AccessEntry.objects.exists()


def test_a_doctor_opens_only_his_own_patients(
    clinic: Clinic, dmitry: User, client_for: SignIn
) -> None:
    own = make_patient()
    make_appointment(clinic, patient=own, employee=dmitry.employee)
    client = client_for(dmitry)

    assert client.get(f"/patients/{own.pk}/").status_code == 200
    refused = client.get(f"/patients/{clinic.patient.pk}/")
    assert refused.status_code == 403
    assert clinic.patient.last_name not in refused.content.decode()
    assert list(AccessEntry.objects.values_list("patient", flat=True)) == [own.pk]


def test_who_prescribed_or_carries_out_a_course_may_open(
    clinic: Clinic, dmitry: User, client_for: SignIn
) -> None:
    for names in ({"doctor": dmitry.employee}, {"specialist": dmitry.employee}):
        patient = make_patient()
        course = Prescription.objects.create(
            patient=patient,
            doctor=names.get("doctor", clinic.doctor),
            branch=clinic.branch,
            key=f"course-{patient.pk}",
            created_at=NOW,
        )
        PrescriptionLine.objects.create(
            prescription=course,
            position=1,
            service=clinic.service,
            sessions=3,
            specialist=names.get("specialist"),
        )

        assert client_for(dmitry).get(f"/patients/{patient.pk}/").status_code == 200


def test_a_marketer_sees_no_contact_whole(clinic: Clinic, marina: User, client_for: SignIn) -> None:
    page = client_for(marina).get(f"/patients/{clinic.patient.pk}/").content.decode()

    assert clinic.patient.full_name in page
    assert "79161234567" not in page
    assert "••• •••-45-67" in page


def test_a_stranger_and_a_wrong_number_find_nothing(
    clinic: Clinic, stranger: User, olga: User, client_for: SignIn
) -> None:
    assert client_for(stranger).get(f"/patients/{clinic.patient.pk}/").status_code == 403
    assert client_for(olga).get("/patients/999999/").status_code == 404
    assert not AccessEntry.objects.exists()


def make_busy(clinic: Clinic, visits: int) -> None:
    """A patient with much going on."""
    for number in range(visits):
        make_appointment(clinic, "10:00", on=date(2026, 12, 2 + number))
    course = Prescription.objects.create(
        patient=clinic.patient,
        doctor=clinic.doctor,
        branch=clinic.branch,
        key="course",
        created_at=NOW,
    )
    PrescriptionLine.objects.bulk_create(
        PrescriptionLine(prescription=course, position=number, service=clinic.service, sessions=10)
        for number in range(visits)
    )
    for number in range(visits):
        Task.objects.create(
            kind=Task.Kind.OTHER,
            patient=clinic.patient,
            source=f"test:{number}",
            due_at=NOW + timedelta(days=number - 1),
            created_at=NOW,
        )
    PatientTotals.objects.create(patient=clinic.patient, visits=7, debt=Decimal(500), no_shows=2)


def test_what_is_open_now_is_on_the_card(clinic: Clinic, olga: User) -> None:
    make_busy(clinic, visits=2)

    card = get_card(patient=clinic.patient, actor=olga, now=NOW)

    assert [visit.starts_at for visit in card.ahead] == [
        clinic.at("10:00", date(2026, 12, 2)),
        clinic.at("10:00", date(2026, 12, 3)),
    ]
    assert [(line.sessions, line.missing) for line in card.lines] == [(10, 10), (10, 10)]
    assert [task.source for task in card.tasks] == ["test:0", "test:1"]
    assert card.totals.debt == 500
    assert [(gap.purpose, gap.channel) for gap in card.consent_gaps] == [
        ("PERSONAL_DATA", ""),
        ("MARKETING", "SMS"),
        ("MARKETING", "EMAIL"),
    ]


@pytest.mark.parametrize("visits", [1, 4])
def test_a_card_costs_the_same_however_much_goes_on(
    clinic: Clinic,
    olga: User,
    client_for: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
    visits: int,
) -> None:
    make_busy(clinic, visits=visits)
    client = client_for(olga)

    with django_assert_num_queries(18):
        response = client.get(f"/patients/{clinic.patient.pk}/")

    assert response.status_code == 200


def test_a_visit_that_began_or_was_cancelled_is_not_ahead(clinic: Clinic, olga: User) -> None:
    make_appointment(clinic, "08:00")
    make_appointment(clinic, "15:00", status="CANCELLED", cancel_reason="OTHER")
    make_appointment(clinic, "16:00", status="NO_SHOW")
    now = clinic.at("12:00")

    assert list(get_card(patient=clinic.patient, actor=olga, now=now).ahead) == []


def test_family_and_those_with_the_same_phone_are_told_apart(clinic: Clinic, olga: User) -> None:
    mother = make_patient(last_name="Мать", birth_on=date(1960, 1, 1))
    neighbour = make_patient(last_name="Сосед", phone="+79161234567")
    relate_patients(
        patient_id=clinic.patient.pk,
        relative_id=mother.pk,
        kind="PARENT",
        actor_id=None,
        now=NOW,
    )

    card = get_card(patient=clinic.patient, actor=olga, now=NOW)

    assert [(one.id, one.kind_label) for one in card.relatives] == [(mother.pk, "родитель")]
    assert [one.id for one in card.sharing] == [neighbour.pk]


def test_a_relative_whom_the_doctor_does_not_treat_stays_closed(
    clinic: Clinic, dmitry: User
) -> None:
    neighbour = make_patient(phone="+79161234567")

    card = get_card(patient=clinic.patient, actor=dmitry, now=NOW)

    assert [(one.id, one.may_open) for one in card.sharing] == [(neighbour.pk, False)]


def test_the_contact_to_use_is_the_main_one_that_works(olga: User) -> None:
    patient = add_patient(
        details=PatientDetails(
            last_name="Иванова",
            first_name="Анна",
            contacts=[
                ContactDetails(kind="PHONE", value="89161112233", is_primary=True, is_valid=False),
                ContactDetails(kind="PHONE", value="89164445566", owner="GUARDIAN"),
            ],
        ),
        actor_id=None,
        now=NOW,
    )

    card = get_card(patient=patient, actor=olga, now=NOW)

    assert card.phone is not None
    assert (card.phone.value, card.phone.owner_label) == ("+79164445566", "родителя или опекуна")
    assert card.email is None


def test_a_doctor_sees_his_own_tasks_alone(clinic: Clinic, dmitry: User) -> None:
    make_busy(clinic, visits=1)
    Task.objects.update(role=Role.MANAGER)

    assert list(get_card(patient=clinic.patient, actor=dmitry, now=NOW).tasks) == []


def test_only_reception_and_managers_may_change(
    clinic: Clinic, dmitry: User, olga: User, viktor: User, client_for: SignIn
) -> None:
    make_appointment(clinic, employee=dmitry.employee)
    edit = f"/patients/{clinic.patient.pk}/edit/"

    shown = {
        user.username: edit
        in client_for(user).get(f"/patients/{clinic.patient.pk}/").content.decode()
        for user in (olga, viktor, dmitry)
    }

    assert shown == {"olga": True, "viktor": True, "dmitry": False}


def test_the_card_is_read_as_of_now(clinic: Clinic, olga: User, client_for: SignIn) -> None:
    patient = Patient.objects.get(pk=clinic.patient.pk)
    patient.birth_on = timezone.now().date() - timedelta(days=366 * 30)
    patient.save()

    assert "30 лет" in client_for(olga).get(f"/patients/{patient.pk}/").content.decode()
