from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from clinic.models import User


@pytest.fixture
def calm() -> Client:
    """A browser: it gets the page of an error, not the error."""
    return Client(raise_request_exception=False)


def test_a_patient_with_a_broken_link_sees_a_short_page(calm: Client) -> None:
    response = calm.get("/no/such/page/")

    assert response.status_code == 404
    page = response.content.decode()
    assert "Такой страницы нет" in page
    assert "same-origin" in page
    assert "tabler" not in page


def test_a_colleague_who_got_lost_keeps_the_menu(
    client_for: Callable[[User], Client], olga: User
) -> None:
    response = client_for(olga).get("/no/such/page/")

    assert response.status_code == 404
    assert 'id="side"' in response.content.decode()


def test_a_fault_of_ours_is_admitted(calm: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.context.Shell.theme", property(lambda self: 1 / 0))

    response = calm.get(reverse("clinic:sign_in"))

    assert response.status_code == 500
    assert "Это наша ошибка" in response.content.decode()


def test_a_database_that_does_not_answer_is_a_matter_of_waiting(
    calm: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object) -> str:
        raise OperationalError("connection refused")

    monkeypatch.setattr("desk.context.Shell.theme", property(fail))

    response = calm.get(reverse("clinic:sign_in"))

    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "База данных сейчас не отвечает" in response.content.decode()


def test_a_form_without_its_token_says_to_reload() -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("clinic:sign_in"), {"username": "x"})

    assert response.status_code == 403
    assert response["X-Reason"] == "csrf"
    assert "Страница была открыта слишком долго" in response.content.decode()


def test_a_host_that_is_not_ours_is_refused(calm: Client) -> None:
    response = calm.get(reverse("clinic:sign_in"), headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert "Неверный адрес" in response.content.decode()
