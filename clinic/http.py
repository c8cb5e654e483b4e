"""The request as staff views receive it after the middleware, and the answer that ends a dialog."""

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails

from clinic.models import Branch, User


class StaffRequest(HttpRequest):
    """Someone is signed in. `branch` is the one chosen in the top bar, out of `branches`."""

    user: User
    branch: Branch
    branches: Sequence[Branch]
    htmx: HtmxDetails


def close_dialog(*changed: str) -> HttpResponse:
    """Close the dialog and tell the page what changed.

    A list that shows it listens: `hx-trigger="appointments-changed from:body"`.
    """
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    for event in ("dialog:close", *changed):
        trigger_client_event(response, event)
    return response
