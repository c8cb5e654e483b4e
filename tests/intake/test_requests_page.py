from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from intake.actions import lose_request
from intake.models import Request
from tests.factories import make_patient
from tests.intake.factories import make_request

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client_for: SignIn, olga: User) -> Client:
    return client_for(olga)


def test_those_who_wait_longest_come_first(desk: Client) -> None:
    now = timezone.now()
    make_request(name="Мария", at=now - timedelta(minutes=5))
    make_request(name="Игорь", at=now - timedelta(minutes=50))

    page = desk.get(reverse("intake:requests")).content.decode()

    assert page.index("Игорь") < page.index("Мария")
    assert page.count("asked-late") == 1


def test_the_page_costs_few_queries(desk: Client, django_assert_max_num_queries: object) -> None:
    for _ in range(10):
        make_request(at=timezone.now())
    desk.get(reverse("intake:requests"))

    with django_assert_max_num_queries(9):  # type: ignore[operator]
        desk.get(reverse("intake:requests"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=LOST", ["Игорь"]),
        ("?text=мари", ["Мария"]),
        ("?kind=CHAT", []),
        ("?state=x", ["Мария"]),
    ],
)
def test_filters_narrow_the_list(desk: Client, query: str, found: list[str]) -> None:
    make_request(name="Мария", at=timezone.now())
    lost = make_request(name="Игорь", at=timezone.now())
    lose_request(request_id=lost.pk, reason="SPAM", actor_id=None, now=timezone.now())

    page = desk.get(reverse("intake:requests") + query, headers=HTMX).content.decode()

    assert [name for name in ("Игорь", "Мария") if name in page] == found
    assert "<html" not in page


def test_a_part_of_the_number_finds_the_request(desk: Client) -> None:
    make_request(name="Мария", phone="8 916 765-43-21", at=timezone.now())

    page = desk.get(reverse("intake:requests"), {"text": "8 916 765"}, headers=HTMX)

    assert "Мария" in page.content.decode()


def test_a_call_is_written_down(desk: Client, olga: User) -> None:
    form = {"phone": "8 916 765-43-21", "name": "Мария", "kind": "CALL", "key": str(uuid4())}

    for _ in range(2):
        answer = desk.post(reverse("intake:request_new"), form, headers=HTMX)

    assert answer.status_code == 204
    assert "requests-changed" in answer["HX-Trigger"]
    request = Request.objects.get()
    assert (request.phone, request.taken_by, request.branch.city) == (  # type: ignore[union-attr]
        "+79167654321",
        olga,
        "Москва",
    )


@pytest.mark.parametrize("phone", ["", "123", "99999999999"])
def test_a_wrong_number_comes_back_with_what_was_typed(desk: Client, phone: str) -> None:
    form = {"phone": phone, "comment": "Спина", "kind": "CALL", "key": str(uuid4())}

    answer = desk.post(reverse("intake:request_new"), form, headers=HTMX)

    assert answer.status_code == 422
    assert "Спина" in answer.content.decode()
    assert not Request.objects.exists()


def test_a_known_number_shows_the_whole_family(desk: Client) -> None:
    make_patient(last_name="Петрова", first_name="Анна", phone="+79161112233")
    make_patient(last_name="Петров", first_name="Лев", phone="+79161112233")

    page = desk.get(reverse("intake:request_match"), {"phone": "89161112233"}).content.decode()

    assert "Петрова Анна" in page
    assert "Петров Лев" in page
    assert page.count("checked") == 1  # somebody else, until reception says who


def test_loss_needs_a_reason(desk: Client) -> None:
    request = make_request(at=timezone.now())
    address = reverse("intake:request_lose", args=[request.pk])

    assert desk.post(address, {}, headers=HTMX).status_code == 422
    answer = desk.post(address, {"reason": "NO_TIME"}, headers=HTMX)

    assert answer.status_code == 204
    request.refresh_from_db()
    assert (request.status, request.loss_reason) == ("LOST", "NO_TIME")
    desk.post(reverse("intake:request_reopen", args=[request.pk]), headers=HTMX)
    request.refresh_from_db()
    assert request.status == "IN_WORK"


def test_reception_recognises_one_of_the_family(desk: Client) -> None:
    anna = make_patient(phone="+79161112233")
    request = make_request(name="", phone="+79161112233", at=timezone.now())

    desk.post(
        reverse("intake:request_patient", args=[request.pk]), {"patient": anna.pk}, headers=HTMX
    )

    request.refresh_from_db()
    assert request.patient == anna


@pytest.mark.parametrize("name", ["request_take", "request_lose", "request_reopen"])
def test_a_request_that_is_not_there_is_not_found(desk: Client, name: str) -> None:
    assert desk.post(reverse(f"intake:{name}", args=[77])).status_code == 404


def test_others_do_not_see_who_asked(client_for: SignIn, dmitry: User, marina: User) -> None:
    for user in (dmitry, marina):
        assert client_for(user).get(reverse("intake:requests")).status_code == 403


def test_what_was_said_reaches_the_booking_but_not_its_address(desk: Client) -> None:
    request = make_request(name="Мария", comment="Болит спина", at=timezone.now())

    answer = desk.get(reverse("intake:request_book", args=[request.pk]))

    assert answer["Location"] == f"{reverse('desk:booking')}?request={request.pk}"
    assert 'value="Болит спина"' in desk.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("patient", ["abc", "²", "9" * 30])
def test_a_patient_that_makes_no_sense_is_not_found(desk: Client, patient: str) -> None:
    request = make_request(at=timezone.now())

    address = reverse("intake:request_patient", args=[request.pk])

    assert desk.post(address, {"patient": patient}, headers=HTMX).status_code == 404
