from collections.abc import Callable
from typing import cast

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from clinic.http import StaffRequest
from clinic.models import Branch, Employee, User
from tests.factories import make_branch

ClientFor = Callable[[User], Client]


@pytest.fixture
def novosibirsk(moscow: Branch) -> Branch:
    return make_branch(name="Алтай", city="Новосибирск")


def branch_shown(client: Client) -> Branch:
    request = cast("StaffRequest", client.get(reverse("clinic:password")).wsgi_request)
    return request.branch


@pytest.mark.usefixtures("novosibirsk")
def test_the_day_begins_in_the_branch_where_one_works(
    client_for: ClientFor, olga: User, moscow: Branch
) -> None:
    assert branch_shown(client_for(olga)) == moscow


def test_the_chosen_branch_stays_chosen(
    client_for: ClientFor, olga: User, novosibirsk: Branch
) -> None:
    client = client_for(olga)

    response = client.post(
        reverse("clinic:branch"), {"branch": novosibirsk.pk, "next": "/password/?a=1"}
    )

    assert response["Location"] == "/password/?a=1"
    assert branch_shown(client) == novosibirsk


def test_the_next_session_begins_at_the_branch_looked_at_last(
    client_for: ClientFor, olga: User, moscow: Branch, novosibirsk: Branch
) -> None:
    client_for(olga).post(reverse("clinic:branch"), {"branch": novosibirsk.pk, "next": "/"})
    olga.refresh_from_db()

    assert branch_shown(client_for(olga)) == novosibirsk

    Branch.objects.filter(pk=novosibirsk.pk).update(is_active=False)
    assert branch_shown(client_for(olga)) == moscow


def test_who_works_everywhere_begins_at_the_oldest_branch(
    client_for: ClientFor, viktor: User, moscow: Branch, novosibirsk: Branch
) -> None:
    Employee.objects.get(user=viktor).branches.set([moscow, novosibirsk])

    assert branch_shown(client_for(viktor)) == moscow


def test_a_closed_branch_cannot_be_chosen(
    client_for: ClientFor, olga: User, moscow: Branch, novosibirsk: Branch
) -> None:
    Branch.objects.filter(pk=novosibirsk.pk).update(is_active=False)
    client = client_for(olga)

    page = client.post(
        reverse("clinic:branch"), {"branch": novosibirsk.pk, "next": "/password/"}, follow=True
    )

    assert branch_shown(client) == moscow
    assert "Этот филиал закрыт" in page.content.decode()


@pytest.mark.parametrize("page", ["//evil.example/", "https://evil.example/", "no page", ""])
def test_the_switch_of_the_branch_leads_to_no_other_site(
    client_for: ClientFor, olga: User, moscow: Branch, page: str
) -> None:
    answers = {"branch": moscow.pk, "next": page}

    assert client_for(olga).post(reverse("clinic:branch"), answers)["Location"] == "/"


def test_anybody_may_switch_the_language_and_it_stays(client: Client) -> None:
    client.post(reverse("clinic:language"), {"language": "en", "next": "/sign-in/"})

    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert '<html lang="en"' in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize(("cookie", "shown"), [("dark", "dark"), ("", "light"), ("x", "light")])
def test_the_page_comes_in_the_chosen_colours(client: Client, cookie: str, shown: str) -> None:
    client.cookies["theme"] = cookie

    assert f'data-bs-theme="{shown}"' in client.get("/sign-in/").content.decode()


def test_the_texts_of_the_scripts_are_kept_by_the_browser(client: Client) -> None:
    response = client.get(reverse("clinic:texts"))

    assert response["Content-Type"].startswith("text/javascript")
    assert "max-age=" in response["Cache-Control"]
