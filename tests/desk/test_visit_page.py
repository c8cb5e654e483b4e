"""Several services booked, moved, cancelled and taken back as one visit at the desk."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from appointments.models import Appointment
from clinic.models import Employee, Service
from patients.models import Patient
from tests.factories import (
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_service,
    make_shift,
    make_time_off,
)

BOOK, OPTIONS = reverse("desk:visit_book"), reverse("desk:visit_options")


def undo_of(response: Any) -> str:
    """Where the toast of an answer takes it back."""
    notes = json.loads(response["HX-Trigger"])["toasts"]["notes"]
    return str(next(note["undo"] for note in notes if note["undo"]))


@pytest.fixture(autouse=True)
def htmx(desk: Client) -> None:
    desk.defaults["HTTP_HX_REQUEST"] = "true"


@pytest.fixture
def massage(clinic: Clinic) -> Service:
    return make_service(duration=timedelta(minutes=45))


@pytest.fixture
def masseur(clinic: Clinic, massage: Service) -> Employee:
    masseur = make_employee(branches=[clinic.branch], services=[massage])
    make_shift(masseur, clinic.branch, "10:00", "12:00")
    return masseur


def fill(clinic: Clinic, massage: Service, **fields: Any) -> dict[str, Any]:
    filled: dict[str, Any] = {
        "patient": clinic.patient.pk,
        "service1": clinic.service.pk,
        "service2": massage.pk,
        "since": "2026-12-01",
        "key": str(uuid4()),
    }
    return filled | fields


def offered(desk: Client, clinic: Clinic, massage: Service, **fields: Any) -> Any:
    return desk.get(OPTIONS, fill(clinic, massage, **fields)).context["visits"]


def test_visits_that_fit_are_offered_with_every_step(
    desk: Client, clinic: Clinic, massage: Service, masseur: Employee
) -> None:
    found = offered(desk, clinic, massage)

    first = [(step.clock, step.service, step.employee) for step in found[0].steps]
    assert first == [
        ("09:30", clinic.service.name, clinic.doctor.short_name),
        ("10:00", massage.name, masseur.short_name),
    ]
    assert found[0].until == "10:45"


def test_wishes_bound_the_beginning(
    desk: Client, clinic: Clinic, massage: Service, masseur: Employee
) -> None:
    assert offered(desk, clinic, massage, part="evening") == []
    assert offered(desk, clinic, massage, employee2=clinic.doctor.pk) == []
    assert offered(desk, clinic, massage, weekday=["2"], part="morning") != []
    page = desk.get(OPTIONS, {"service1": clinic.service.pk}).content.decode()
    assert "Выберите хотя бы две услуги" in page


def test_a_visit_is_booked_once_and_taken_back_whole(
    desk: Client, clinic: Clinic, massage: Service, masseur: Employee
) -> None:
    filled = fill(clinic, massage, take=offered(desk, clinic, massage)[0].value)

    first, again = (desk.post(BOOK, filled) for _ in range(2))

    assert (first.status_code, again.status_code) == (204, 204)
    rows = list(Appointment.objects.order_by("starts_at"))
    assert [row.starts_at for row in rows] == [clinic.at("09:30"), clinic.at("10:00")]
    assert len({row.bundle for row in rows} - {None}) == 1
    undone = desk.post(undo_of(first))
    assert set(Appointment.objects.values_list("status", flat=True)) == {"CANCELLED"}
    desk.post(undo_of(undone))
    assert set(Appointment.objects.values_list("status", flat=True)) == {"BOOKED"}


def test_all_or_nothing_and_nothing_chosen_is_lost(
    desk: Client, clinic: Clinic, massage: Service, masseur: Employee
) -> None:
    filled = fill(clinic, massage, take=offered(desk, clinic, massage)[0].value, note="у окна")
    make_time_off(masseur, clinic.branch, "10:00", "10:30")

    refused = desk.post(BOOK, filled)
    unpressed = desk.post(BOOK, filled | {"take": "x y"})
    alone = desk.post(BOOK, filled | {"service2": ""})

    assert (refused.status_code, unpressed.status_code, alone.status_code) == (409, 422, 422)
    assert "у окна" in refused.content.decode()
    assert refused.context["visits"][0].steps[1].clock == "10:30"
    assert not Appointment.objects.exists()


def test_a_newcomer_is_added_with_his_visit(
    desk: Client, clinic: Clinic, massage: Service, masseur: Employee
) -> None:
    filled = fill(clinic, massage, take=offered(desk, clinic, massage)[0].value, patient="")

    booked = desk.post(BOOK, filled | {"new-name": "Новикова Ольга", "new-phone": ""})

    assert booked.status_code == 204
    newcomer = Patient.objects.get(last_name="Новикова")
    assert Appointment.objects.filter(patient=newcomer).count() == 2


def test_a_moved_visit_goes_back_whole(
    desk: Client, clinic: Clinic, massage: Service, masseur: Employee
) -> None:
    desk.post(BOOK, fill(clinic, massage, take=offered(desk, clinic, massage)[0].value))
    first = Appointment.objects.get(service=clinic.service)
    told = {"on": "2026-12-01", "clock": "10:00", "employee": first.employee_id}

    moved = desk.post(
        reverse("desk:appointment_move", args=[first.pk]),
        told | {"version": first.version, "whole": "1"},
    )
    assert Appointment.objects.get(service=massage).starts_at == clinic.at("10:30")
    desk.post(undo_of(moved))

    starts = Appointment.objects.order_by("starts_at").values_list("starts_at", flat=True)
    assert list(starts) == [clinic.at("09:30"), clinic.at("10:00")]


def test_a_visit_whose_time_is_gone_is_not_booked_again(
    desk: Client, clinic: Clinic, massage: Service, masseur: Employee
) -> None:
    desk.post(BOOK, fill(clinic, massage, take=offered(desk, clinic, massage)[0].value))
    first = Appointment.objects.get(service=clinic.service)
    address = reverse("desk:appointment_cancel", args=[first.pk])
    cancelled = desk.post(address, {"reason": "OTHER", "whole": "1"})
    make_appointment(clinic, "09:30", patient=make_patient())

    desk.post(undo_of(cancelled))

    mine = Appointment.objects.filter(patient=clinic.patient)
    assert set(mine.values_list("status", flat=True)) == {"CANCELLED"}
