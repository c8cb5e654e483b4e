from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from clinic.models import Branch, Service, User
from tests.factories import make_branch, make_employee, make_room, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(dmitry: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(dmitry)
    return client


def ask(site: APIClient, noun: str, **wanted: Any) -> list[dict[str, Any]]:
    answer = site.get(f"/api/v1/{noun}/", wanted)
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.data["results"]
    return rows


def test_branches_say_their_hours_and_zone(site: APIClient, moscow: Branch) -> None:
    make_branch(name="Закрытый", is_active=False)

    (row,) = ask(site, "branches")

    assert (row["id"], row["time_zone"]) == (moscow.pk, "Europe/Moscow")
    assert (row["opens_at"], row["closes_at"]) == ("08:00:00", "21:00:00")
    assert [row["name"] for row in ask(site, "branches", active="false")] == ["Закрытый"]


def test_a_service_says_minutes_and_roubles(site: APIClient, moscow: Branch) -> None:
    room = make_room(moscow)
    service = make_service(duration=timedelta(minutes=90), rooms=[room])

    (row,) = ask(site, "services")

    assert row == {
        "id": service.pk,
        "name": service.name,
        "kind": "CONSULTATION",
        "minutes": 90,
        "price": "2500.00",
        "repeat_price": None,
        "repeat_days": None,
        "rooms": [room.pk],
        "devices": [],
        "is_online": True,
        "notice_minutes": 0,
        "horizon_days": None,
        "cancel_cutoff_minutes": 0,
        "preparation": "",
        "is_active": True,
    }


def test_services_by_branch_and_kind(site: APIClient, moscow: Branch) -> None:
    massage, talk = make_service(kind=Service.Kind.MASSAGE), make_service()
    make_employee(branches=[moscow], services=[massage])
    make_employee(branches=[moscow], services=[talk], is_active=False)

    assert [row["id"] for row in ask(site, "services", branch=moscow.pk)] == [massage.pk]
    assert [row["id"] for row in ask(site, "services", kind="CONSULTATION")] == [talk.pk]


def test_employees_by_branch_service_and_kind(site: APIClient, moscow: Branch) -> None:
    elsewhere = make_branch()
    massage = make_service(kind=Service.Kind.MASSAGE)
    anna = make_employee(last_name="Белова", branches=[elsewhere], services=[massage])

    for wanted in ({"branch": elsewhere.pk}, {"service": massage.pk}, {"kind": "MASSAGE"}):
        (row,) = ask(site, "employees", **wanted)
        assert (row["id"], row["short_name"]) == (anna.pk, "Белова И.")
        assert (row["branches"], row["services"]) == ([elsewhere.pk], [massage.pk])
    assert ask(site, "employees", branch=moscow.pk, kind="MASSAGE") == []


@pytest.mark.parametrize("query", [{"branch": "x"}, {"kind": "MAGIC"}, {"active": "perhaps"}])
def test_a_wrong_filter_is_named(site: APIClient, query: dict[str, str]) -> None:
    answer = site.get("/api/v1/employees/", query)

    assert (answer.status_code, answer.data["code"]) == (400, "invalid")
    assert list(answer.data["errors"]) == list(query)


@pytest.mark.parametrize("noun", ["services", "employees"])
def test_more_rows_cost_no_more_queries(
    site: APIClient, moscow: Branch, noun: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        make_employee(branches=[moscow], services=[make_service(rooms=[make_room(moscow)])])

    with django_assert_max_num_queries(5):
        ask(site, noun)
