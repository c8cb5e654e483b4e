"""The dialog of booking, opened from what came before it."""

import re

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import Clinic, make_appointment, make_patient
from tests.intake.factories import make_request
from tests.worklist.factories import make_task

BOOKING = reverse("desk:booking")


def test_a_task_about_a_visit_books_the_same_again(desk: Client, clinic: Clinic) -> None:
    missed = make_appointment(clinic, "10:00")
    make_task(
        clinic.branch,
        clinic.patient,
        now=timezone.now(),
        subject_kind="appointments.appointment",
        subject_id=missed.pk,
    )

    opened = re.search(rf"{BOOKING}\?[^\"]+", desk.get(reverse("worklist:tasks")).content.decode())

    assert opened is not None
    context = desk.get(opened.group()).context
    form = context["form"]
    assert context["guest"].patient == clinic.patient
    assert form["service"].value() == str(clinic.service.pk)
    assert form["employee"].value() == str(clinic.doctor.pk)
    assert context["offers"].of_day


def test_a_request_brings_an_unrecognised_caller(desk: Client, clinic: Clinic) -> None:
    asked = make_request(
        name="Новикова Ольга",
        phone="+79035556677",
        service_id=clinic.service.pk,
        comment="после обеда",
    )

    address = desk.get(reverse("intake:request_book", args=[asked.pk]))["Location"]
    context = desk.get(address).context

    assert "79035556677" not in address
    assert context["newcomer"]["name"].value() == "Новикова Ольга"
    assert context["newcomer"]["phone"].value() == "+79035556677"
    assert context["form"]["service"].value() == str(clinic.service.pk)
    assert context["form"]["note"].value() == "после обеда"


def test_the_owners_of_a_known_number_are_offered_first(desk: Client, clinic: Clinic) -> None:
    known = make_patient(last_name="Редкозубова", phone="+79035556677")
    asked = make_request(name="Мария", phone="+79035556677")

    response = desk.get(BOOKING, {"request": asked.pk})

    assert "newcomer" not in response.context
    assert [row.id for row in response.context["rows"]] == [known.pk]
    assert "Редкозубова" in response.content.decode()


def test_a_recognised_caller_is_the_guest(desk: Client, clinic: Clinic) -> None:
    asked = make_request(patient_id=clinic.patient.pk)

    context = desk.get(BOOKING, {"request": asked.pk}).context

    assert context["guest"].patient == clinic.patient
    assert "newcomer" not in context


def test_what_is_not_there_cannot_be_booked_again(desk: Client) -> None:
    assert desk.get(BOOKING, {"like": 404}).status_code == 404
    assert desk.get(BOOKING, {"request": 404}).status_code == 404
