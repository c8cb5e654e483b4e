from decimal import Decimal
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from appointments.models import Appointment, Payment, Visit
from clinic.models import User
from tests.factories import Clinic, make_appointment
from tests.loyalty.factories import give_points

pytestmark = pytest.mark.usefixtures("morning")


@pytest.fixture
def appointment(clinic: Clinic) -> Appointment:
    """2,500 roubles, booked for nine: now."""
    return make_appointment(clinic, "09:00")


def complete(user: User, appointment: Appointment, **body: Any) -> Response:
    api = APIClient()
    api.force_authenticate(user)
    address = f"/api/v1/appointments/{appointment.pk}/complete/"
    return api.post(address, body, headers={"Idempotency-Key": "complete-1"})


def test_a_visit_is_finished_billed_and_paid_in_one_request(
    clinic: Clinic, appointment: Appointment, olga: User
) -> None:
    give_points(clinic.patient.pk, 500, now=clinic.at("08:00"))
    line = {"service": clinic.service.pk, "price": "2000.50", "discount": "0.50"}

    answer = complete(olga, appointment, lines=[line], points=500, card="1000", cash="1000")

    assert answer.status_code == 200
    told = answer.data["visit"]
    assert (told["total"], told["paid"], told["paid_points"], told["debt"]) == (
        "2000.00",
        "2000.00",
        "500.00",
        0,
    )
    assert answer.data["change"] == "500.00"
    assert [payment["method"] for payment in told["payments"]] == ["POINTS", "CARD", "CASH"]
    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.DONE


def test_without_lines_what_was_booked_is_billed(appointment: Appointment, olga: User) -> None:
    answer = complete(olga, appointment)

    assert answer.data["visit"]["total"] == "2500.00"
    assert answer.data["visit"]["debt"] == Decimal("2500.00")


def test_the_same_key_takes_the_money_once(appointment: Appointment, olga: User) -> None:
    for _ in range(2):
        assert complete(olga, appointment, card="2500").status_code == 200

    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"card": "2500.01"}, 422, "payment_too_large"),
        ({"points": 10}, 409, "not_enough_points"),
        ({"card": "-1"}, 400, "invalid"),
        ({"lines": [{"service": 10**9}]}, 400, "invalid"),
    ],
)
def test_a_refusal_has_a_code_and_changes_nothing(
    appointment: Appointment, olga: User, body: dict[str, Any], status: int, code: str
) -> None:
    answer = complete(olga, appointment, **body)

    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert not Visit.objects.exists()
    assert not Payment.objects.exists()


def test_a_doctor_takes_no_money(appointment: Appointment, dmitry: User) -> None:
    assert complete(dmitry, appointment, card="1").status_code == 403
    assert not Visit.objects.exists()
