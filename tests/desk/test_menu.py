from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from clinic.access import may_open
from clinic.models import Role, User
from desk import menu
from desk.menu import HOMES, MENU, Item, Section, find_address, find_home, list_menu

PASSWORD = Item(title="Пароль", view_name="clinic:password", icon="key")
DOCS = Item(title="API", view_name="api-docs", icon="api")
MISSING = Item(title="Нет", view_name="desk:nothing", icon="x")
ADMIN = Item(title="Админка", view_name="admin:index", icon="settings")


@pytest.fixture
def small_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    sections = (
        Section(title="Раз", items=(PASSWORD, MISSING)),
        Section(title="Два", items=(ADMIN,)),
        Section(title="Три", items=(DOCS,)),
    )
    monkeypatch.setattr(menu, "MENU", sections)


@pytest.mark.usefixtures("small_menu")
def test_everybody_sees_only_what_they_may_open_and_what_stands() -> None:
    groups = list_menu(User(role=Role.DOCTOR), "/password/")

    assert [(group.title, [link.title for link in group.links]) for group in groups] == [
        ("Раз", ["Пароль"]),
        ("Три", ["API"]),
    ]


@pytest.mark.usefixtures("small_menu")
def test_the_page_that_is_open_is_marked() -> None:
    groups = list_menu(User(role=Role.DOCTOR), "/password/more/")

    assert [link.is_current for group in groups for link in group.links] == [True, False]


@pytest.mark.usefixtures("small_menu")
def test_a_superuser_also_sees_the_administration() -> None:
    groups = list_menu(User(is_superuser=True), "/")

    assert [group.title for group in groups] == ["Раз", "Два", "Три"]


@pytest.mark.usefixtures("small_menu")
def test_a_role_whose_page_does_not_stand_begins_with_the_first_of_the_menu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(menu, "HOMES", {Role.DOCTOR: "desk:nothing"})

    assert find_home(User(role=Role.DOCTOR)) == reverse("clinic:password")


def test_someone_without_a_role_learns_whom_to_ask(
    client_for: Callable[[User], Client], stranger: User
) -> None:
    response = client_for(stranger).get(reverse("desk:home"))

    assert response.status_code == 200
    assert "ещё нет роли" in response.content.decode()


def test_every_role_has_a_first_page() -> None:
    assert set(HOMES) == set(Role)


def test_whoever_has_a_first_page_may_open_it() -> None:
    shut = [
        role
        for role, home in HOMES.items()
        if find_address(home) and not may_open(User(role=role), home)
    ]

    assert shut == []


def test_the_menu_names_no_address_twice() -> None:
    names = [item.view_name for section in MENU for item in section.items]

    assert len(names) == len(set(names))
