from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import resolve, reverse
from rest_framework.test import APIRequestFactory

from clinic.access import PUBLIC, SIGNED_IN, SUPERUSER, Rule, allows, read_table
from clinic.models import Role, User
from clinic.permissions import ByAccessTable


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Take an address out of the table, as if somebody had forgotten it."""

    def forget(view_name: str) -> None:
        rest = {name: rule for name, rule in read_table().items() if name != view_name}
        monkeypatch.setattr("clinic.access.read_table", lambda: rest)

    return forget


def test_an_address_that_the_table_forgot_is_closed_to_everybody(
    without: Callable[[str], None], client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    without("clinic:password")
    client.force_login(User.objects.create_superuser("root"))

    response = client.get(reverse("clinic:password"))

    assert response.status_code == 403
    assert "does not name the address clinic:password" in caplog.text


def test_a_stranger_is_sent_to_sign_in_and_comes_back(client: Client) -> None:
    response = client.get(reverse("clinic:password"))

    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/password/"


def test_a_page_whose_session_ended_is_not_replaced_by_the_sign_in_page(client: Client) -> None:
    response = client.get(reverse("clinic:password"), headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response.content == b""


def test_a_colleague_without_the_right_learns_who_has_it(
    client_for: Callable[[User], Client], stranger: User
) -> None:
    response = client_for(stranger).post(reverse("clinic:branch"))

    assert response.status_code == 403
    page = response.content.decode()
    assert "администратор, врач, маркетолог, руководитель" in page
    assert "обратитесь к руководителю" in page


def test_a_program_without_a_token_gets_a_problem(client: Client) -> None:
    response = client.get(reverse("api-schema"))

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_authenticated"


def test_a_person_at_the_docs_of_the_api_is_sent_to_sign_in(client: Client) -> None:
    response = client.get(reverse("api-docs"), headers={"Accept": "text/html"})

    assert response.status_code == 302


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (PUBLIC, ["nobody", "olga", "root", "stranger", "switched off"]),
        (SIGNED_IN, ["olga", "root", "stranger"]),
        (frozenset({Role.ADMINISTRATOR}), ["olga", "root"]),
        (frozenset({Role.MANAGER}), ["root"]),
        (SUPERUSER, ["root"]),
        (None, []),
    ],
)
def test_what_a_rule_lets_in(rule: Rule | None, names: list[str]) -> None:
    people: dict[str, User | AnonymousUser] = {
        "nobody": AnonymousUser(),
        "olga": User(username="olga", role=Role.ADMINISTRATOR),
        "root": User(username="root", is_superuser=True),
        "stranger": User(username="stranger"),
        "switched off": User(role=Role.ADMINISTRATOR, is_superuser=True, is_active=False),
    }

    assert [name for name, person in people.items() if allows(rule, person)] == names


@pytest.mark.parametrize(("role", "may"), [(Role.MANAGER, True), ("", False)])
def test_an_endpoint_asks_the_table_about_the_owner_of_the_token(role: str, may: bool) -> None:
    request = APIRequestFactory().get("/branch/")
    request.resolver_match = resolve("/branch/")
    request.user = User(role=role)

    assert ByAccessTable().has_permission(request, None) is may
