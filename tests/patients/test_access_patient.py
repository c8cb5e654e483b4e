from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.http import Http404

from clinic.models import User
from patients import circle
from patients.actions import record_access, record_accesses
from patients.models import AccessEntry, Patient, Relation
from patients.queries import access_patient, list_visible_patients, sees_contacts
from tests.factories import make_patient

NOW = datetime(2026, 12, 1, 7, tzinfo=UTC)


@pytest.fixture
def patient(db: None) -> Patient:
    return make_patient()


@pytest.fixture
def only_relations_tie(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the rooms above: here a doctor treats those who have a relative."""

    def with_relative(user_id: int) -> "QuerySet[Relation]":
        return Relation.objects.all()

    monkeypatch.setattr(circle, "TIES", {})
    monkeypatch.setattr("patients.queries.access.TIES", circle.TIES)
    circle.treats(with_relative)


@pytest.mark.parametrize("who", ["olga", "marina", "viktor"])
def test_colleagues_of_the_desk_find_everyone(
    patient: Patient, who: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)

    assert access_patient(actor=user, patient_id=patient.pk) == patient
    assert list(list_visible_patients(actor=user)) == [patient]


def test_a_doctor_finds_only_his_own(
    patient: Patient, dmitry: User, only_relations_tie: None
) -> None:
    own = make_patient()
    Relation.objects.create(patient=own, relative=patient, kind="OTHER")

    assert access_patient(actor=dmitry, patient_id=own.pk) == own
    assert list(list_visible_patients(actor=dmitry)) == [own]
    with pytest.raises(PermissionDenied):
        access_patient(actor=dmitry, patient_id=patient.pk)


def test_a_stranger_learns_nothing(patient: Patient, stranger: User) -> None:
    with pytest.raises(Http404):
        access_patient(actor=stranger, patient_id=patient.pk)
    assert not list_visible_patients(actor=stranger).exists()


def test_there_is_no_such_patient(olga: User) -> None:
    with pytest.raises(Http404):
        access_patient(actor=olga, patient_id=404)


def test_a_marketer_sees_no_contacts(
    olga: User, dmitry: User, marina: User, viktor: User, stranger: User
) -> None:
    assert [sees_contacts(user) for user in (olga, dmitry, viktor)] == [True, True, True]
    assert [sees_contacts(user) for user in (marina, stranger)] == [False, False]


def test_an_opening_is_written_to_the_journal(patient: Patient, olga: User) -> None:
    record_access(
        patient_id=patient.pk,
        actor_id=olga.pk,
        action="OPENED",
        place="desk:card",
        ip="10.0.0.5",
        now=NOW,
    )

    entry = AccessEntry.objects.get()
    assert (entry.patient, entry.actor, entry.action, entry.place, entry.ip, entry.at) == (
        patient,
        olga,
        "OPENED",
        "desk:card",
        "10.0.0.5",
        NOW,
    )


def test_a_list_taken_away_is_written_whole(patient: Patient, olga: User) -> None:
    other = make_patient()

    record_accesses(
        patient_ids=[patient.pk, other.pk],
        actor_id=olga.pk,
        action="EXPORTED",
        place="api",
        ip=None,
        now=NOW,
    )

    assert set(AccessEntry.objects.values_list("patient", flat=True)) == {patient.pk, other.pk}


def test_the_database_keeps_the_journal(patient: Patient, olga: User) -> None:
    record_access(
        patient_id=patient.pk, actor_id=olga.pk, action="OPENED", place="", ip=None, now=NOW
    )

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AccessEntry.objects.update(place="elsewhere")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AccessEntry.objects.all().delete()

    assert AccessEntry.objects.get().place == ""


def test_a_superuser_without_a_role_sees_what_every_role_sees(patient: Patient) -> None:
    root = User.objects.create_superuser("root", "", "root")

    assert access_patient(actor=root, patient_id=patient.pk) == patient
    assert list(list_visible_patients(actor=root)) == [patient]
    assert sees_contacts(root)
