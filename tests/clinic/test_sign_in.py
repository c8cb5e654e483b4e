from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from clinic.authentication import find_user
from clinic.models import Branch, Role, User
from tests.factories import make_branch


@pytest.fixture
def door() -> str:
    return reverse("clinic:sign_in")


def test_who_signs_in_comes_to_their_first_page(client: Client, olga: User, door: str) -> None:
    before = client.get(door).wsgi_request.session.session_key

    response = client.post(door, {"username": "olga", "password": "olga"})

    assert response["Location"] == reverse("desk:home")
    assert client.session["_auth_user_id"] == str(olga.pk)
    assert client.session.session_key != before


def test_who_was_on_the_way_to_a_page_comes_to_it(client: Client, olga: User, door: str) -> None:
    answers = {"username": "olga", "password": "olga", "next": "/password/"}

    assert client.post(door, answers)["Location"] == "/password/"


def test_nobody_is_led_to_another_site(client: Client, olga: User, door: str) -> None:
    answers = {"username": "olga", "password": "olga", "next": "https://evil.example/"}

    assert client.post(door, answers)["Location"] == reverse("desk:home")


def test_a_wrong_password_keeps_the_login_and_says_what_to_check(
    client: Client, olga: User, door: str
) -> None:
    page = client.post(door, {"username": "olga", "password": "wrong"}).content.decode()

    assert "Неверный логин или пароль. Проверьте раскладку" in page
    assert 'value="olga"' in page
    assert "_auth_user_id" not in client.session


def test_after_ten_wrong_passwords_the_door_stays_shut_for_a_while(
    client: Client, olga: User, door: str, settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post(door, {"username": "olga", "password": "wrong"})

    assert response.status_code == 429
    assert "Подождите 15 минут" in response.content.decode()
    assert client.post(door, {"username": "olga", "password": "olga"}).status_code == 429
    assert "_auth_user_id" not in client.session


def test_wrong_passwords_shut_nobody_else_out(
    client: Client, olga: User, dmitry: User, door: str, settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(door, {"username": "olga", "password": "wrong"})

    colleague = client.post(door, {"username": "dmitry", "password": "dmitry"})
    client.logout()
    told = {"username": "olga", "password": "olga"}
    herself = client.post(door, told, REMOTE_ADDR="198.51.100.7")

    assert (colleague.status_code, herself.status_code) == (302, 302)


def test_a_switched_off_account_does_not_open(client: Client, olga: User, door: str) -> None:
    User.objects.filter(pk=olga.pk).update(is_active=False)

    client.post(door, {"username": "olga", "password": "olga"})

    assert "_auth_user_id" not in client.session


def test_a_real_clinic_shows_nobody_s_login(client: Client, olga: User, door: str) -> None:
    assert "olga" not in client.get(door).content.decode()


def test_the_demo_clinic_offers_one_click_for_each_role(
    client: Client, olga: User, dmitry: User, stranger: User, door: str, settings: Settings
) -> None:
    settings.DEMO_PASSWORD = "demo"

    page = client.get(door).content.decode()

    assert 'name="username" value="olga"' in page
    assert 'name="username" value="dmitry"' in page
    assert "stranger" not in page


def test_signing_out_takes_a_press_of_a_button_not_a_link(
    client_for: Callable[[User], Client], olga: User
) -> None:
    client = client_for(olga)

    assert client.get(reverse("clinic:sign_out")).status_code == 405
    assert "_auth_user_id" in client.session

    assert client.post(reverse("clinic:sign_out")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_new_password_keeps_this_session_and_is_confirmed(
    client_for: Callable[[User], Client], olga: User
) -> None:
    client, fresh = client_for(olga), "Snow-in-July-26"
    answers = {"old_password": "olga", "new_password1": fresh, "new_password2": fresh}

    page = client.post(reverse("clinic:password"), answers, follow=True).content.decode()

    olga.refresh_from_db()
    assert olga.check_password(fresh)
    assert "Пароль изменён." in page


def test_a_wrong_present_password_changes_nothing(
    client_for: Callable[[User], Client], olga: User
) -> None:
    answers = {"old_password": "no", "new_password1": "Snow-in-July-26"}

    page = client_for(olga).post(reverse("clinic:password"), answers).content.decode()

    olga.refresh_from_db()
    assert olga.check_password("olga")
    assert "Текущий пароль неверный" in page


def test_who_has_never_chosen_a_branch_stays_at_the_first_one_offered(
    client: Client, olga: User, moscow: Branch, door: str
) -> None:
    client.post(door, {"username": "olga", "password": "olga"})
    make_branch(name="Анапа")

    olga.refresh_from_db()
    assert olga.last_branch == moscow


def test_who_was_last_at_a_branch_begins_there_until_it_closes(
    client: Client, olga: User, moscow: Branch, door: str
) -> None:
    tula = make_branch(name="Тула")
    User.objects.filter(pk=olga.pk).update(last_branch=tula)
    client.post(door, {"username": "olga", "password": "olga"})
    assert "Тула" in client.get("/password/").content.decode()

    Branch.objects.filter(pk=tula.pk).update(is_active=False)

    assert "Москва" in client.get("/password/").content.decode()


def test_the_user_of_a_page_comes_with_employee_and_branch_in_one_statement(
    olga: User, moscow: Branch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.filter(pk=olga.pk).update(last_branch=moscow)

    with django_assert_num_queries(1):
        found = find_user(olga.pk)
        assert found is not None
        assert (found, found.last_branch, found.employee) == (olga, moscow, olga.employee)
        assert (found.role, found.employee.last_name) == (Role.ADMINISTRATOR, "Орлова")
        assert found.last_branch is not None
        assert found.last_branch.zone == moscow.zone


def test_who_is_no_employee_and_was_at_no_branch_is_found_too(stranger: User) -> None:
    found = find_user(stranger.pk)

    assert found == stranger
    assert found is not None
    assert (found.last_branch, hasattr(found, "employee")) == (None, False)
    assert find_user(0) is None
