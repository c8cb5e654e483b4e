"""What every endpoint shares: errors as `application/problem+json` (RFC 9457), schema, docs."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from drf_spectacular.views import SpectacularAPIView
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from clinic.parsing import BodyTooLarge
from outbox.errors import Refused

MEDIA_TYPE = "application/problem+json"

schema = SpectacularAPIView.as_view()


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic_crm/api_docs.html", {"schema_url": reverse("api-schema")})


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None lets an unexpected error go on to the error page.

    `code` is stable and for programs, `detail` is translated and for people; `errors` maps a field
    (`non_field_errors` for the whole) to its messages and is there only for bad input.
    """
    match error:
        case Refused():
            answer = _problem(HTTPStatus(error.status), error.code, str(error), error.details)
        case RequestDataTooBig():
            return problem_response(BodyTooLarge(), context)
        case ValidationError():
            answer = _invalid(exceptions.ValidationError(_by_field(error)))
        case exceptions.ValidationError():
            answer = _invalid(error)
        case Http404():
            answer = _from_drf(exceptions.NotFound())
        case PermissionDenied():
            answer = _from_drf(exceptions.PermissionDenied())
        case exceptions.APIException():
            answer = _from_drf(error)
        case _:
            return None
    set_rollback()
    return answer


def _from_drf(error: exceptions.APIException) -> Response:
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    answer = _problem(HTTPStatus(error.status_code), code, str(error.detail))
    challenge, wait = getattr(error, "auth_header", None), getattr(error, "wait", None)
    if challenge:
        answer["WWW-Authenticate"] = challenge
    if wait is not None:
        answer["Retry-After"] = str(int(wait))
    return answer


def _invalid(error: exceptions.ValidationError) -> Response:
    errors = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
    detail = exceptions.ValidationError.default_detail
    return _problem(HTTPStatus.BAD_REQUEST, "invalid", str(detail), {"errors": errors})


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    return (
        error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
    )


def _problem(
    status: HTTPStatus, code: str, detail: str, more: Mapping[str, Any] | None = None
) -> Response:
    """`more` never replaces what every problem has."""
    body = dict(more or {}) | {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "detail": detail,
    }
    return Response(body, status=status.value, content_type=MEDIA_TYPE)
