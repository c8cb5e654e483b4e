"""The patient's pages behind the link of a reminder. A GET changes nothing: robots follow links.

They work without scripts. What a robot that only looks at the link can read names no service and
no specialty: how to prepare stands a tap further, on a page of its own.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, NamedTuple

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from appointments.actions import (
    ask_to_move,
    cancel_bundle,
    confirm_bundle,
    is_past_cutoff,
)
from appointments.calendars import write_visit
from appointments.forms import AskForm, CancelForm, ConfirmForm
from appointments.queries import LinkedVisit, get_linked_visit
from appointments.remarks import list_remarks
from messaging.queries import LinkInvalid
from outbox.errors import Refused

Page = Callable[[HttpRequest, LinkedVisit, datetime], HttpResponse]


class Answer(NamedTuple):
    """One thing that a patient can say: the form it takes and the action it is."""

    form: type[forms.Form]
    act: Callable[..., object]


def _confirm(visit: LinkedVisit, *, now: datetime) -> None:
    confirm_bundle(appointment_id=visit.lead.pk, by_patient=True, actor_id=None, now=now)


def _cancel(visit: LinkedVisit, *, reason: str, now: datetime) -> None:
    cancel_bundle(
        appointment_id=visit.lead.pk, reason=reason, by_patient=True, actor_id=None, now=now
    )


def _ask(visit: LinkedVisit, *, wish: str, now: datetime) -> None:
    ask_to_move(appointment_id=visit.lead.pk, wish=wish, now=now)


ANSWERS: Mapping[str, Answer] = {
    "confirm": Answer(ConfirmForm, _confirm),
    "cancel": Answer(CancelForm, _cancel),
    "ask": Answer(AskForm, _ask),
}


def behind_link(page: Page) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the visit of the token for the page, or say that the link no longer works."""

    @never_cache
    @wraps(page)
    def view(request: HttpRequest, token: str) -> HttpResponse:
        now = timezone.now()
        try:
            visit = get_linked_visit(token=token, now=now)
        except LinkInvalid as refusal:
            context = {"refusal": refusal}
            return render(request, "appointments/closed.html", context, status=refusal.status)
        return page(request, visit, now)

    return view


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def answer(request: HttpRequest, visit: LinkedVisit, now: datetime) -> HttpResponse:
    """The visit, and what the patient can say about it."""
    if request.method != "POST":
        return _show(request, visit, now=now)
    said = ANSWERS.get(request.POST.get("answer", ""))
    form = said.form(request.POST) if said else None
    if said is None or form is None or not form.is_valid():
        return _show(request, visit, now=now, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        said.act(visit, now=now, **form.cleaned_data)
    except Refused as refusal:
        return _show(request, visit, now=now, refusal=refusal, status=refusal.status)
    return redirect(request.path)


@require_safe
@behind_link
def prepare(request: HttpRequest, visit: LinkedVisit, now: datetime) -> HttpResponse:
    """How to prepare for each service of the visit that asks for it."""
    context = {
        "visit": visit,
        "branch": visit.lead.branch,
        "rows": [row for row in visit.ahead if row.service.preparation],
        **token_of(request),
    }
    return render(request, "appointments/prepare.html", context)


@require_safe
@behind_link
def calendar(request: HttpRequest, visit: LinkedVisit, now: datetime) -> HttpResponse:
    """The visit as a file for the calendar of a phone."""
    content = write_visit(visit.rows, now=now)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response


def token_of(request: HttpRequest) -> dict[str, str]:
    """Return the token of the page's address, for the addresses of its neighbours."""
    match = request.resolver_match
    return {"token": match.kwargs["token"] if match else ""}


def is_changeable(visit: LinkedVisit, *, now: datetime) -> bool:
    """Whether the patient may still cancel or move the visit himself."""
    late = any(is_past_cutoff(row, now=now) for row in visit.ahead)
    return visit.is_open(now=now) and not late


def _show(
    request: HttpRequest, visit: LinkedVisit, *, now: datetime, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "visit": visit,
        "branch": visit.lead.branch,
        "is_open": visit.is_open(now=now),
        "is_changeable": is_changeable(visit, now=now),
        "has_preparation": any(row.service.preparation for row in visit.ahead),
        "cancel": CancelForm(),
        "ask": AskForm(),
        "remarks": list_remarks(patient_id=visit.lead.patient_id, now=now),
        **token_of(request),
        **more,
    }
    return render(request, "appointments/answer.html", context, status=status)
