"""`/api/v1/waitlist/`."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from clinic.models import Branch, User
from tests.factories import Clinic, make_clinic
from tests.waitlist.factories import NOW, UNTIL, free, make_entry, offer_all
from waitlist.models import Entry, Offer

pytestmark = pytest.mark.django_db

URL = "/api/v1/waitlist/"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def make_offer(clinic: Clinic) -> Offer:
    make_entry(clinic)
    free(clinic, "12:00")
    (offer,) = offer_all()
    return offer


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    return make_clinic(branch=moscow)


@pytest.fixture
def program(olga: User, client_for: Callable[[User], Client]) -> Client:
    return client_for(olga)


def post(program: Client, url: str, body: dict[str, Any] | None = None, key: str = "k" * 8) -> Any:
    return program.post(
        url, body or {}, content_type="application/json", headers={"Idempotency-Key": key}
    )


def wish(clinic: Clinic, **fields: Any) -> dict[str, Any]:
    return {
        "patient": clinic.patient.pk,
        "service": clinic.service.pk,
        "until_on": UNTIL.isoformat(),
    } | fields


def test_a_program_puts_a_patient_on_the_list(program: Client, clinic: Clinic) -> None:
    body = wish(clinic, weekdays=[1, 2], from_clock="09:00", branches=[clinic.branch.pk])

    answer = post(program, URL, body)
    again = post(program, URL, body)

    assert (answer.status_code, again.status_code) == (201, 201)
    assert answer.json()["id"] == again.json()["id"]
    assert answer.json()["weekdays"] == [1, 2]
    assert Entry.objects.get().origin == "API"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"service": 999_999}, 400),
        ({"weekdays": [9]}, 400),
        ({"until_on": "when it suits"}, 400),
        ({"patient": 999_999}, 404),
        ({"until_on": "2020-01-01"}, 422),
        ({"from_clock": "12:00", "until_clock": "11:00"}, 422),
        ({"position": "астроном"}, 409),
    ],
)
def test_what_cannot_be_is_refused(
    program: Client, clinic: Clinic, fields: dict[str, Any], status: int
) -> None:
    assert post(program, URL, wish(clinic, **fields)).status_code == status
    assert not Entry.objects.exists()


def test_a_second_wish_is_a_problem_with_a_code(program: Client, clinic: Clinic) -> None:
    post(program, URL, wish(clinic))

    answer = post(program, URL, wish(clinic), key="another-key")

    assert (answer.status_code, answer.json()["code"]) == (409, "already_waiting")


def test_the_list_is_filtered(program: Client, clinic: Clinic) -> None:
    entry = make_entry(clinic)

    assert [row["id"] for row in program.get(URL).json()["results"]] == [entry.pk]
    assert program.get(URL, {"state": "BOOKED"}).json()["results"] == []
    assert program.get(URL, {"patient": entry.patient_id}).json()["count"] == 1
    assert program.get(URL, {"state": "?"}).status_code == 400
    assert program.get(f"{URL}{entry.pk}/").json()["status"] == "WAITING"


def test_off_the_list_and_back(program: Client, clinic: Clinic) -> None:
    entry = make_entry(clinic)

    gone = post(program, f"{URL}{entry.pk}/withdraw/", {"reason": "OTHER"})
    back = post(program, f"{URL}{entry.pk}/resume/")

    assert (gone.json()["status"], back.json()["status"]) == ("WITHDRAWN", "WAITING")
    assert post(program, f"{URL}{entry.pk}/withdraw/", {"reason": "?"}).status_code == 400


def test_offers_are_listed_and_answered(program: Client, clinic: Clinic) -> None:
    offer = make_offer(clinic)

    (row,) = program.get(f"{URL}offers/").json()["results"]
    assert (row["id"], row["patient"]) == (offer.pk, offer.entry.patient_id)
    assert row["points"]["fills"] == 10

    taken = post(program, f"{URL}offers/{offer.pk}/accept/")
    assert (taken.status_code, taken.json()["status"]) == (200, "ACCEPTED")
    late = post(program, f"{URL}offers/{offer.pk}/decline/")
    assert (late.status_code, late.json()["code"]) == (409, "offer_over")


def test_an_offer_that_ran_out_is_over(program: Client, clinic: Clinic) -> None:
    offer = make_offer(clinic)
    offer.offered_at -= timedelta(hours=1)
    offer.expires_at -= timedelta(hours=1)
    offer.save()

    assert post(program, f"{URL}offers/{offer.pk}/accept/").json()["code"] == "offer_over"


def test_a_doctor_is_not_let_in(
    dmitry: User, client_for: Callable[[User], Client], clinic: Clinic
) -> None:
    assert client_for(dmitry).get(URL).status_code == 403
