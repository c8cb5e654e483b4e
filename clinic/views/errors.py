"""The pages for when something is wrong. Each says what to do next."""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from clinic.access import find_rule
from clinic.models import Role
from clinic.permissions import name_of_address

PROBLEM = "application/problem+json"


def show_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(render_to_string("400.html"), status=HTTPStatus.BAD_REQUEST)


def show_forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 for a colleague without the right: names the roles that have it."""
    rule = find_rule(name_of_address(request))
    roles = [role.label for role in Role if isinstance(rule, frozenset) and role in rule]
    context = {"roles": roles, "reason": str(exception or "")}
    return render(request, "403.html", context, status=HTTPStatus.FORBIDDEN)


def show_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def show_failure(request: HttpRequest) -> HttpResponse:
    """500, or 503 when it is the database that does not answer. Needs nothing but templates."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = {"Retry-After": "30"} if away else {}
    if request.path.startswith("/api/"):
        body = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "code": "unavailable" if away else "error",
        }
        return JsonResponse(body, status=status, content_type=PROBLEM, headers=headers)
    page = render_to_string(f"{status.value}.html")
    return HttpResponse(page, status=status, headers=headers)


def show_csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was opened too long ago, or cookies are off."""
    page = render_to_string("403_csrf.html")
    return HttpResponse(page, status=HTTPStatus.FORBIDDEN, headers={"X-Reason": "csrf"})
