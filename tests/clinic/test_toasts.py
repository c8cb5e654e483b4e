import json

import pytest
from django.contrib import messages
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.test import RequestFactory

from clinic.http import close_dialog
from clinic.middleware import ToastMiddleware
from clinic.toasts import describe_message, toast


@pytest.fixture
def request_of_htmx(rf: RequestFactory) -> HttpRequest:
    request = rf.post("/", headers={"HX-Request": "true"})
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


def test_a_fragment_carries_its_toasts(request_of_htmx: HttpRequest) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        toast(request, "Перенесено", undo="/undo/")
        return HttpResponse("row")

    response = ToastMiddleware(view)(request_of_htmx)

    assert json.loads(response["HX-Trigger"]) == {
        "toasts": {"notes": [{"text": "Перенесено", "level": "success", "undo": "/undo/"}]}
    }
    assert response["HX-Trigger"].isascii()


def test_a_dialog_that_closes_also_says_what_changed(request_of_htmx: HttpRequest) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        toast(request, "Готово")
        return close_dialog("appointments-changed")

    response = ToastMiddleware(view)(request_of_htmx)

    assert response.status_code == 204
    assert list(json.loads(response["HX-Trigger"])) == [
        "dialog:close",
        "appointments-changed",
        "toasts",
    ]


def test_a_redirect_leaves_the_toasts_to_the_next_page(request_of_htmx: HttpRequest) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        toast(request, "Сохранено")
        return redirect("/")

    response = ToastMiddleware(view)(request_of_htmx)

    assert "HX-Trigger" not in response
    assert [str(message) for message in get_messages(request_of_htmx)] == ["Сохранено"]


def test_a_full_page_shows_its_toasts_itself(rf: RequestFactory) -> None:
    request = rf.get("/")
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    toast(request, "Занято", level=messages.ERROR)

    response = ToastMiddleware(lambda request: HttpResponse())(request)

    assert "HX-Trigger" not in response
    assert [describe_message(message) for message in get_messages(request)] == [
        {"text": "Занято", "level": "error", "undo": ""}
    ]
