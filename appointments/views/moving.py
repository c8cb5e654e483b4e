"""The patient moves his visit himself: a day, a time, yes. Works without scripts.

The time he chooses is held while he reads "from … to …"; the old one stays his until he says yes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from appointments.actions import (
    VisitBegan,
    drop_move,
    hold_move,
    move_appointment,
    move_bundle,
)
from appointments.forms import AskForm, MoveForm, TimeForm
from appointments.models import Hold
from appointments.queries import LinkedVisit, list_free_moves, name_mover
from appointments.views.link import behind_link, is_changeable, token_of
from clinic.days import read_day
from outbox.errors import Refused

DAYS_AHEAD = 30
MOST_DAYS = 12
NOT_WITHIN = timedelta(hours=1)
"""Nobody moves a visit by a link to a time that he can hardly reach."""

PARTS: Sequence[tuple[time, str | Promise]] = (
    (time(12), _("Morning")),
    (time(17), _("Afternoon")),
    (time.max, _("Evening")),
)
"""Until when on the branch's clock each part of a day goes."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The days with free times, the chosen one of them, and its times by part of the day."""

    days: Sequence[date]
    on: date | None
    parts: Sequence[tuple[str | Promise, Sequence[datetime]]]


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def move(request: HttpRequest, visit: LinkedVisit, now: datetime) -> HttpResponse:
    """Days and times; with `?to=` the question whether that time shall be taken."""
    if request.method != "POST":
        to = TimeForm({"starts_at": request.GET.get("to", "")})
        if "to" in request.GET and to.is_valid() and is_changeable(visit, now=now):
            return _ask(request, visit, to.cleaned_data["starts_at"], now=now)
        return _offer(request, visit, now=now)
    step = STEPS.get(request.POST.get("answer", ""))
    if step is None:
        return _offer(request, visit, now=now, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        return step(request, visit, now)
    except Refused as refusal:
        return _offer(request, visit, now=now, refusal=refusal, status=refusal.status)


def _hold(request: HttpRequest, visit: LinkedVisit, now: datetime) -> HttpResponse:
    form = TimeForm(request.POST)
    if not form.is_valid():
        return _offer(request, visit, now=now, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    starts_at = form.cleaned_data["starts_at"]
    hold_move(appointment_id=visit.lead.pk, starts_at=starts_at, now=now)
    chosen = urlencode({"to": f"{starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"})
    return redirect(f"{request.path}?{chosen}")


def _take(request: HttpRequest, visit: LinkedVisit, now: datetime) -> HttpResponse:
    """Move all that is ahead of the visit; asked twice it moves once."""
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _offer(request, visit, now=now, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    starts_at = form.cleaned_data["starts_at"]
    if not visit.is_open(now=now):
        raise VisitBegan
    if starts_at != visit.lead.starts_at:
        act = move_bundle if len(visit.ahead) > 1 else move_appointment
        act(
            appointment_id=visit.lead.pk,
            starts_at=starts_at,
            version=form.cleaned_data["version"],
            by_patient=True,
            actor_id=None,
            now=now,
        )
    return redirect(_address_of_visit(request))


def _drop(request: HttpRequest, visit: LinkedVisit, now: datetime) -> HttpResponse:
    drop_move(appointment_id=visit.lead.pk, now=now)
    return redirect(request.path)


STEPS: Mapping[str, Callable[[HttpRequest, LinkedVisit, datetime], HttpResponse]] = {
    "hold": _hold,
    "move": _take,
    "drop": _drop,
}


def _ask(
    request: HttpRequest, visit: LinkedVisit, starts_at: datetime, *, now: datetime
) -> HttpResponse:
    held = Hold.objects.filter(
        owner=name_mover(visit.lead.pk), starts_at=starts_at, expires_at__gt=now
    ).first()
    context = {
        "visit": visit,
        "branch": visit.lead.branch,
        "to": starts_at,
        **token_of(request),
        "held_until": held and held.expires_at,
    }
    return render(request, "appointments/move_confirm.html", context)


def _offer(
    request: HttpRequest, visit: LinkedVisit, *, now: datetime, status: int = 200, **more: Any
) -> HttpResponse:
    on = read_day(request.GET.get("on", ""))
    context = {
        "visit": visit,
        "branch": visit.lead.branch,
        "is_changeable": (changeable := is_changeable(visit, now=now)),
        "offer": _list_offer(visit, on=on, now=now) if changeable else None,
        "ask": AskForm(),
        **token_of(request),
        **more,
    }
    return render(request, "appointments/move.html", context, status=status)


def _list_offer(visit: LinkedVisit, *, on: date | None, now: datetime) -> Offer:
    zone = visit.lead.branch.zone
    found = list_free_moves(
        rows=visit.ahead,
        from_at=now + NOT_WITHIN,
        until_at=now + timedelta(days=DAYS_AHEAD),
        now=now,
    )
    by_day: dict[date, list[datetime]] = {}
    for starts_at in found:
        local = starts_at.astimezone(zone)
        by_day.setdefault(local.date(), []).append(local)
    days = list(by_day)[:MOST_DAYS]
    chosen = on if on in by_day else next(iter(days), None)
    times = by_day[chosen] if chosen else []
    parts = [(name, list(some)) for name, some in groupby(times, key=_name_part)]
    return Offer(days=days, on=chosen, parts=parts)


def _name_part(local: datetime) -> str | Promise:
    return next(name for until, name in PARTS if local.time() < until)


def _address_of_visit(request: HttpRequest) -> str:
    return reverse("appointments:answer", kwargs=token_of(request))
