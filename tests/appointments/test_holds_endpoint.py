from collections.abc import Iterator

import pytest
import time_machine
from rest_framework.response import Response
from rest_framework.test import APIClient

from appointments.models import Appointment, Hold
from clinic.models import User
from tests.appointments.factories import NOW
from tests.factories import Clinic

HOLDS = "/api/v1/holds/"


@pytest.fixture(autouse=True)
def day_before() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def api(olga: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(olga)
    return client


def post(api: APIClient, address: str, clinic: Clinic, key: str) -> Response:
    body = {
        "service": clinic.service.pk,
        "employee": clinic.doctor.pk,
        "branch": clinic.branch.pk,
        "starts_at": "2026-12-01T10:00:00+03:00",
        "patient": clinic.patient.pk,
    }
    return api.post(address, body, headers={"Idempotency-Key": key})


def test_a_system_holds_and_books_what_it_holds(api: APIClient, clinic: Clinic) -> None:
    held = post(api, HOLDS, clinic, "visitor-1")
    refused = post(api, HOLDS, clinic, "visitor-2")
    too_late = post(api, "/api/v1/appointments/", clinic, "visitor-2")
    booked = post(api, "/api/v1/appointments/", clinic, "visitor-1")

    assert held.status_code == 201
    assert held.data["expires_at"] == "2026-11-30T12:10:00+03:00"
    for response in (refused, too_late):
        assert (response.status_code, response.data["code"]) == (409, "slot_held")
        assert response.data["alternatives"]
    assert booked.status_code == 201
    assert Appointment.objects.count() == 1
    assert not Hold.objects.exists()


def test_what_is_let_go_is_anybodys(api: APIClient, clinic: Clinic) -> None:
    post(api, HOLDS, clinic, "visitor-1")

    for _ in range(2):
        let_go = api.delete(HOLDS, headers={"Idempotency-Key": "visitor-1"})
        assert let_go.status_code == 204

    assert post(api, HOLDS, clinic, "visitor-2").status_code == 201
