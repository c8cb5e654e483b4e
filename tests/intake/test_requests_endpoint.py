from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from clinic.models import User
from intake.models import Request
from tests.factories import make_appointment, make_clinic, make_source
from tests.intake.factories import make_request

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/requests/"


@pytest.fixture
def site(olga: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(olga)
    return client


def send(site: APIClient, body: dict[str, Any], key: str | None = None) -> Any:
    return site.post(ADDRESS, body, headers={"Idempotency-Key": key or str(uuid4())})


def test_a_form_of_the_site_is_kept_with_its_marks(site: APIClient) -> None:
    source = make_source(code="direct")
    utm = {"utm_source": "yandex", "utm_campaign": "спина"}
    body = {"name": "Анна", "phone": "8 916 765-43-21", "source_code": "direct", "utm": utm}

    answer = send(site, body)

    assert answer.status_code == 201
    assert (answer.data["phone"], answer.data["status"]) == ("+79167654321", "NEW")
    request = Request.objects.get()
    assert (request.utm, request.source, request.answered_at) == (utm, source, None)


def test_a_source_that_nobody_knows_is_not_lost(site: APIClient) -> None:
    send(site, {"phone": "8 916 765-43-21", "source_code": "radio"})

    assert Request.objects.get().utm == {"source_code": "radio"}


def test_a_repeated_send_is_one_request(site: APIClient) -> None:
    body = {"phone": "8 916 765-43-21"}

    first, second = send(site, body, "form-12345"), send(site, body, "form-12345")
    other = send(site, {"phone": "8 916 765-43-22"}, "form-12345")

    assert first.data == second.data
    assert (other.status_code, other.data["code"]) == (422, "key_reused")
    assert Request.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"phone": "123"}, "wrong_phone"),
        ({}, "request_empty"),
        ({"phone": "8 916 765-43-21", "kind": "PIGEON"}, "invalid"),
        ({"phone": "8 916 765-43-21", "branch": 999}, "invalid"),
        ({"phone": "8 916 765-43-21", "utm": {"a": {"b": "c"}}}, "invalid"),
        ({"phone": "8 916 765-43-21", "utm": dict.fromkeys(map(str, range(21)), "x")}, "invalid"),
    ],
)
def test_what_cannot_be_understood_is_refused(
    site: APIClient, body: dict[str, Any], code: str
) -> None:
    answer = send(site, body)

    assert (answer.status_code, answer.data["code"]) == (400, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert not Request.objects.exists()


def test_without_a_key_nothing_is_made(site: APIClient) -> None:
    answer = site.post(ADDRESS, {"phone": "8 916 765-43-21"})

    assert answer.data["code"] == "idempotency_key_missing"
    assert not Request.objects.exists()


def test_the_list_can_be_narrowed(site: APIClient) -> None:
    make_request(name="Мария")

    assert site.get(ADDRESS).data["count"] == 1
    assert site.get(ADDRESS, {"state": "LOST"}).data["count"] == 0
    assert site.get(ADDRESS, {"state": "nonsense"}).status_code == 400


def test_a_request_is_taken_booked_and_lost(site: APIClient, olga: User) -> None:
    request, other = make_request(), make_request()
    appointment = make_appointment(make_clinic())

    taken = site.post(reverse("intake_api:request-take", args=[request.pk]))
    booked = site.post(
        reverse("intake_api:request-book", args=[request.pk]), {"appointment": appointment.pk}
    )
    lost = site.post(reverse("intake_api:request-lose", args=[other.pk]), {"reason": "NO_TIME"})
    again = site.post(reverse("intake_api:request-lose", args=[other.pk]), {"reason": "NO_TIME"})

    assert (taken.data["status"], booked.data["status"]) == ("IN_WORK", "BOOKED")
    assert (lost.data["status"], lost.data["loss_reason"]) == ("LOST", "NO_TIME")
    assert (again.status_code, again.data["code"]) == (409, "request_closed")
    assert site.get(reverse("intake_api:request", args=[request.pk])).data["patient"] is not None
