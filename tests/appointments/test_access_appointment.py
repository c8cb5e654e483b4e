import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from pytest_django import DjangoAssertNumQueries

from appointments.queries import access_appointment
from clinic.models import User
from tests.factories import Clinic, make_appointment


def test_reception_and_the_manager_see_every_appointment(
    clinic: Clinic, olga: User, viktor: User
) -> None:
    made = make_appointment(clinic)

    assert access_appointment(actor=olga, appointment_id=made.pk) == made
    assert access_appointment(actor=viktor, appointment_id=made.pk) == made


def test_a_doctor_sees_his_own_only(clinic: Clinic, dmitry: User) -> None:
    own = make_appointment(clinic, "10:00", employee=dmitry.employee)
    other = make_appointment(clinic, "11:00")

    assert access_appointment(actor=dmitry, appointment_id=own.pk) == own
    with pytest.raises(PermissionDenied):
        access_appointment(actor=dmitry, appointment_id=other.pk)


def test_the_marketer_may_not_and_the_stranger_finds_nothing(
    clinic: Clinic, marina: User, stranger: User
) -> None:
    made = make_appointment(clinic)

    with pytest.raises(PermissionDenied):
        access_appointment(actor=marina, appointment_id=made.pk)
    with pytest.raises(Http404):
        access_appointment(actor=stranger, appointment_id=made.pk)


def test_what_is_not_there_is_not_found(olga: User) -> None:
    with pytest.raises(Http404):
        access_appointment(actor=olga, appointment_id=1)


def test_one_query_brings_all_that_it_names(
    clinic: Clinic, olga: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = make_appointment(clinic)

    with django_assert_num_queries(1):
        found = access_appointment(actor=olga, appointment_id=made.pk)
        assert found.patient.full_name
        assert found.employee.short_name
        assert found.room is not None
        assert found.room.name
        assert found.service.name
        assert found.branch.time_zone
