"""The request as staff views receive it after the middleware, and the answer that ends a dialog."""

from collections.abc import Iterable
from http import HTTPStatus
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from clinic.models import Branch, User


class StaffRequest(HttpRequest):
    """Someone is signed in. `branch` is the one chosen in the top bar."""

    user: User
    branch: Branch
    htmx: HtmxDetails


class ApiRequest(Request):
    """The same for endpoints: the access table has let this user in."""

    user: User


MOST_DIGITS = 18
"""So many fit into a column of the database, whatever they are."""


def read_number(text: str) -> int | None:
    """Return the whole number that a page sent back, None for anything else."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def read_numbers(texts: Iterable[str]) -> set[int]:
    """Return those of the texts that are numbers."""
    return {number for text in texts if (number := read_number(text)) is not None}


def address_of(request: HttpRequest) -> str | None:
    """The address that the request came from, as far as it can be trusted.

    Each of our `TRUSTED_PROXIES` proxies adds whoever called it to the end of X-Forwarded-For;
    what stands before those was written by the caller himself.
    """
    came_through = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies: int = settings.TRUSTED_PROXIES
    is_behind = 0 < proxies <= len(came_through)
    said = came_through[-proxies] if is_behind else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(said.strip()))
    except ValueError:
        return None


def close_dialog(*changed: str) -> HttpResponse:
    """Close the dialog and tell the page what changed.

    A list that shows it listens: `hx-trigger="appointments-changed from:body"`.
    """
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    for event in ("dialog:close", *changed):
        trigger_client_event(response, event)
    return response
