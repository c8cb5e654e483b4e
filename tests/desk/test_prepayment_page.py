from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from appointments.actions import mark_no_show
from appointments.models import Appointment, Prepayment, Visit
from clinic.models import Setting, User
from tests.desk.conftest import NINE
from tests.factories import Clinic, make_appointment

KEY = "5f0c1fd4-9a8b-4b8c-8d3e-0a4bb5a1c001"
OTHER_KEY = "5f0c1fd4-9a8b-4b8c-8d3e-0a4bb5a1c002"


@pytest.fixture
def booked(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "09:00")


def take(desk: Client, booked: Appointment, amount: str = "1 000") -> int:
    told = {"amount": amount, "method": "CASH", "key": KEY}
    return desk.post(reverse("desk:prepayment", args=[booked.pk]), told).status_code


def show(desk: Client, name: str, pk: int) -> str:
    return desk.get(reverse(name, args=[pk])).content.decode().replace("\xa0", " ")


def test_a_double_click_takes_it_once_and_the_check_out_counts_it(
    desk: Client, booked: Appointment
) -> None:
    assert [take(desk, booked) for _click in range(2)] == [200, 200]

    row = Prepayment.objects.get()
    assert row.amount == 1000
    assert (row.method, row.appointment_id) == ("CASH", booked.pk)
    assert "1 000,00 ₽" in show(desk, "desk:appointment", booked.pk)
    assert 'data-paid="1000.00"' in show(desk, "desk:check_out", booked.pk)
    assert "1 000,00 ₽" in show(desk, "desk:prepayment", booked.pk)


def test_the_check_out_takes_only_what_is_missing(desk: Client, booked: Appointment) -> None:
    take(desk, booked)
    page = desk.get(reverse("desk:check_out", args=[booked.pk]))
    told = {
        "lines-TOTAL_FORMS": 1,
        "lines-INITIAL_FORMS": 0,
        "lines-0-service": booked.service_id,
        "lines-0-price": "2500",
        "card": "1500",
        "key": KEY,
        "seen": page.context["payment"].initial["seen"],
    }

    answer = desk.post(reverse("desk:check_out", args=[booked.pk]), told)

    assert answer.status_code == 302
    assert Visit.objects.get().paid == 2500


def test_more_than_the_price_comes_back_with_the_reason(desk: Client, booked: Appointment) -> None:
    assert take(desk, booked, "2501") == 422
    assert not Prepayment.objects.exists()


def test_only_a_manager_makes_an_exception(
    desk: Client,
    client_for: Callable[[User], Client],
    viktor: User,
    booked: Appointment,
) -> None:
    take(desk, booked)
    mark_no_show(appointment_id=booked.pk, actor_id=None, now=NINE)
    row = Prepayment.objects.get()
    address = reverse("desk:prepayment_return", args=[row.pk])
    told = {"amount": "1000", "reason": "was ill", "exception": "on", "key": OTHER_KEY}

    assert desk.post(address, told).status_code == 422
    assert client_for(viktor).post(address, told).status_code == 200
    assert sum(one.amount for one in Prepayment.objects.all()) == 0


def test_the_booking_dialog_tells_the_rule(desk: Client, clinic: Clinic) -> None:
    Setting.objects.update_or_create(pk=1, defaults={"prepay_after_no_shows": 1})
    missed = make_appointment(clinic, "09:00")
    mark_no_show(appointment_id=missed.pk, actor_id=None, now=NINE)

    assert "50 %" in show(desk, "desk:booking_patient", clinic.patient.pk)


def test_programs_take_and_return_it(olga: User, morning: None, booked: Appointment) -> None:
    api = APIClient()
    api.force_authenticate(olga)
    headers = {"Idempotency-Key": "prepayment-1"}
    address = f"/api/v1/appointments/{booked.pk}/prepayments/"
    body = {"amount": "700", "method": "TRANSFER"}

    made = [api.post(address, body, format="json", headers=headers) for _again in range(2)]
    back = api.post(
        f"/api/v1/prepayments/{made[0].data['id']}/return/",
        {"amount": "700", "reason": "moved away"},
        format="json",
        headers={"Idempotency-Key": "return-01"},
    )

    assert [one.status_code for one in made] == [201, 201]
    assert made[0].data["id"] == made[1].data["id"]
    assert back.data["amount"] == "-700.00"
    assert Decimal(0) == sum(Decimal(row["amount"]) for row in api.get(address).data)
    points = api.post(address, {"amount": "1", "method": "POINTS"}, format="json", headers=headers)
    assert points.status_code == 400
