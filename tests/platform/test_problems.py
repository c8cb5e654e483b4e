"""Each way to fail, as an API client sees it."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from outbox.errors import Refused


class SlotTaken(Refused):
    code = "slot_taken"
    message = "Somebody was faster. Choose another time."


def answer_to(error: Exception) -> tuple[Response, dict[str, Any]]:
    class Failing(APIView):
        authentication_classes = ()
        permission_classes = (AllowAny,)

        def post(self, request: Request) -> Response:
            raise error

    response = Failing.as_view()(APIRequestFactory().post("/", {}, format="json"))
    response.render()
    assert response["Content-Type"] == "application/problem+json"
    return response, response.data


def test_a_refusal_has_its_code_its_words_and_its_details() -> None:
    response, body = answer_to(SlotTaken(nearest=["10:00"], code="never this"))

    assert response.status_code == 409
    assert body == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "slot_taken",
        "detail": "Somebody was faster. Choose another time.",
        "nearest": ["10:00"],
    }


@pytest.mark.parametrize(
    ("error", "errors"),
    [
        (serializers.ValidationError({"phone": ["Too short."]}), {"phone": ["Too short."]}),
        (serializers.ValidationError("Nothing fits."), {"non_field_errors": ["Nothing fits."]}),
        (ValidationError({"phone": ["Too short."]}), {"phone": ["Too short."]}),
        (ValidationError("Nothing fits."), {"non_field_errors": ["Nothing fits."]}),
    ],
)
def test_bad_input_names_its_fields(error: Exception, errors: dict[str, list[str]]) -> None:
    response, body = answer_to(error)

    assert (response.status_code, body["code"]) == (400, "invalid")
    assert body["errors"] == errors


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (exceptions.PermissionDenied(code="other_branch"), 403, "other_branch"),
    ],
)
def test_other_failures_have_stable_codes(error: Exception, status: int, code: str) -> None:
    response, body = answer_to(error)

    assert (response.status_code, body["status"], body["code"]) == (status, status, code)


def test_throttling_says_how_long_to_wait() -> None:
    response, body = answer_to(exceptions.Throttled(wait=7))

    assert response["Retry-After"] == "7"
    assert body["code"] == "throttled"


def test_an_unexpected_error_is_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError):
        answer_to(ZeroDivisionError())
