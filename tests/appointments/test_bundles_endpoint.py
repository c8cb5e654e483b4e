from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from rest_framework.response import Response
from rest_framework.test import APIClient

from appointments.models import Appointment
from clinic.models import Service, User
from tests.appointments.factories import NOW
from tests.factories import Clinic, make_employee, make_service, make_shift

VISITS = "/api/v1/visits/"


@pytest.fixture(autouse=True)
def day_before() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def api(olga: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(olga)
    return client


@pytest.fixture
def massage(clinic: Clinic) -> Service:
    massage = make_service()
    make_shift(make_employee(branches=[clinic.branch], services=[massage]), clinic.branch)
    return massage


def search(api: APIClient, clinic: Clinic, massage: Service) -> list[list[dict[str, Any]]]:
    body = {
        "steps": [{"service": clinic.service.pk}, {"service": massage.pk}],
        "branch": clinic.branch.pk,
    }
    found: list[list[dict[str, Any]]] = api.post(f"{VISITS}search/", body, format="json").data
    return found


def book(api: APIClient, clinic: Clinic, massage: Service) -> Response:
    services = [clinic.service.pk, massage.pk]
    first = search(api, clinic, massage)[0]
    body = {
        "patient": clinic.patient.pk,
        "branch": clinic.branch.pk,
        "steps": [
            {"service": service, "employee": slot["employee"], "starts_at": slot["starts_at"]}
            for service, slot in zip(services, first, strict=True)
        ],
    }
    headers = {"Idempotency-Key": "first-visit"}
    return api.post(VISITS, body, format="json", headers=headers)


def test_a_visit_of_two_services_is_found_booked_moved_and_cancelled(
    api: APIClient, clinic: Clinic, massage: Service
) -> None:
    booked = book(api, clinic, massage)
    first, second = booked.data
    address = f"/api/v1/appointments/{first['id']}/visit/"
    to = {"starts_at": "2026-12-01T15:00:00+03:00", "version": 1}
    moved = api.post(f"{address}move/", to, format="json")
    cancelled = api.post(f"{address}cancel/", {"reason": "ILLNESS"}, format="json")

    assert booked.status_code == 201
    assert first["bundle"] == second["bundle"]
    assert [row["starts_at"] for row in moved.data] == [
        "2026-12-01T15:00:00+03:00",
        "2026-12-01T15:30:00+03:00",
    ]
    assert {row["status"] for row in cancelled.data} == {"CANCELLED"}


def test_the_same_key_is_the_same_visit(api: APIClient, clinic: Clinic, massage: Service) -> None:
    first = book(api, clinic, massage)
    body = {
        "patient": clinic.patient.pk,
        "branch": clinic.branch.pk,
        "steps": [
            {name: row[name] for name in ("service", "employee", "starts_at")} for row in first.data
        ],
    }
    again = api.post(VISITS, body, format="json", headers={"Idempotency-Key": "first-visit"})

    assert again.data == first.data
    assert Appointment.objects.count() == 2


def test_one_service_makes_no_visit_of_several(api: APIClient, clinic: Clinic) -> None:
    body = {"steps": [{"service": clinic.service.pk}], "branch": clinic.branch.pk}

    assert api.post(f"{VISITS}search/", body, format="json").status_code == 400
