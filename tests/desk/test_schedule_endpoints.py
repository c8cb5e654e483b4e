from typing import Any

import pytest
from django.test import Client

from clinic.models import TimeOff, User
from tests.factories import Clinic, make_appointment
from worklist.models import Task

pytestmark = pytest.mark.django_db

ABSENCES = "/api/v1/absences/"


def add(desk: Client, clinic: Clinic, **told: Any) -> Any:
    body = {
        "employee": clinic.doctor.pk,
        "kind": "SICK_LEAVE",
        "starts_at": clinic.at("10:00").isoformat(),
        "ends_at": clinic.at("18:00").isoformat(),
        **told,
    }
    return desk.post(ABSENCES, body, content_type="application/json")


def test_shifts_are_listed(desk: Client, clinic: Clinic) -> None:
    told: dict[str, Any] = {"employee": clinic.doctor.pk, "from": "2026-12-01T00:00:00+03:00"}

    (shift,) = desk.get("/api/v1/shifts/", told).json()["results"]

    assert (shift["employee"], shift["is_by_hand"]) == (clinic.doctor.pk, True)
    assert desk.get("/api/v1/shifts/", {"until": told["from"]}).json()["results"] == []


def test_an_absence_asks_about_its_bookings_and_settles_them(desk: Client, clinic: Clinic) -> None:
    booked = make_appointment(clinic, "11:00")

    refused = add(desk, clinic)

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "bookings_left_outside")
    (one,) = problem["bookings"]
    assert (one["appointment_id"], TimeOff.objects.count()) == (booked.pk, 0)
    way = one["moves"][0]
    decision = {
        "appointment": booked.pk,
        "employee": way["employee_id"],
        "starts_at": way["starts_at"],
    }
    done = add(desk, clinic, decisions=[decision])

    assert (done.status_code, done.json()["moved"], done.json()["calls"]) == (201, 1, 0)
    booked.refresh_from_db()
    assert booked.starts_at == clinic.at("09:30")
    (absence,) = desk.get(ABSENCES).json()["results"]
    assert absence["id"] == done.json()["absence"]["id"]


def test_the_rest_is_called(desk: Client, clinic: Clinic) -> None:
    booked = make_appointment(clinic, "11:00")

    done = add(desk, clinic, call_others=True)

    assert done.json()["calls"] == 1
    assert Task.objects.get().subject_id == booked.pk
    assert add(desk, clinic, call_others=True).json()["code"] == "time_off_overlaps"
    assert TimeOff.objects.count() == 1


def test_a_doctor_plans_nothing(clinic: Clinic, client_for: Any, dmitry: User) -> None:
    assert add(client_for(dmitry), clinic).status_code == 403
    assert not TimeOff.objects.exists()
