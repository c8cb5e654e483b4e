"""A dialog that changes hours: it asks about the bookings left alone before anything is saved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import ngettext

from clinic.actions import (
    ClosureInPast,
    ClosureOverlaps,
    CopyOntoItself,
    DayInPast,
    EndsBeforeStart,
    OutsideBranchHours,
    RotationOverlaps,
    ShiftInPast,
    ShiftOverlaps,
    TimeOffInPast,
    TimeOffOverlaps,
    WorksElsewhere,
)
from clinic.days import read_day, today_at
from clinic.http import StaffRequest, close_dialog, read_number
from clinic.models import Branch
from clinic.queries import CatalogueFilter, find_employees
from clinic.toasts import toast
from desk.actions.schedule import (
    CALL,
    BookingsLeftOutside,
    Decision,
    Settled,
    WayGone,
    change_schedule,
)
from desk.queries.outside import Scope
from desk.queries.ways_out import Stranded, Way
from outbox.errors import Refused

CHANGED = "schedule-changed"
PREFIX = "way-"
"""`way-17=call` or `way-17=4@2026-11-24T10:00:00+00:00`: what becomes of booking 17."""

# The field that a refusal is about; a form without it says it above.
FIELDS = {
    ClosureInPast.code: "last",
    ClosureOverlaps.code: "first",
    CopyOntoItself.code: "to_first",
    DayInPast.code: "on",
    EndsBeforeStart.code: "ends",
    OutsideBranchHours.code: "ends",
    RotationOverlaps.code: "starts_on",
    ShiftInPast.code: "on",
    ShiftOverlaps.code: "on",
    TimeOffInPast.code: "last",
    TimeOffOverlaps.code: "first",
    WorksElsewhere.code: "employee",
}


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What a dialog changes, whose bookings that may concern, and what it says when it is done.

    `done` is asked after the change, `scope` before it; both once the form is valid.
    """

    form: forms.Form
    template: str
    change: Callable[[], object]
    scope: Callable[[], Scope]
    done: str | Callable[[], str]
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A booking that the dialog asks about, with the answer that is chosen so far."""

    stranded: Stranded
    chosen: str
    gone: str = ""


def answer(request: StaffRequest, edit: Edit) -> HttpResponse:
    """Make the change and end the dialog, or show it again with what stands in the way."""
    form: forms.Form = edit.form
    left: Sequence[Asked] = []
    if form.is_valid():
        try:
            settled = change_schedule(
                scope=edit.scope(),
                change=edit.change,
                decisions={} if "for_all" in request.POST else _read_decisions(request.POST),
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except BookingsLeftOutside as refusal:
            left = _ask(refusal, request.POST)
        except Refused as refusal:
            name = FIELDS.get(refusal.code)
            form.add_error(name if name in form.fields else None, str(refusal))
        else:
            done = edit.done if isinstance(edit.done, str) else edit.done()
            toast(request, " ".join([done, *_describe(settled)]))
            return close_dialog(CHANGED, *(["appointments-changed"] if settled.moved else []))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or left else HTTPStatus.OK
    context = {**edit.context, "form": form, "left": left}
    return render(request, edit.template, context, status=status)


def scope_of(form: forms.Form) -> Scope:
    """The bookings of the employee whom the form names."""
    return Scope(employee_ids=[form.cleaned_data["employee"].pk])


def read_on(request: StaffRequest) -> date:
    """The day of the address, today without one."""
    return read_day(request.GET.get("on", "")) or today_at(request.branch, now=timezone.now())


def read_cell(request: StaffRequest) -> dict[str, Any]:
    """The day and the employee of the cell that was clicked, and the Monday before and after."""
    on = read_on(request)
    monday = on - timedelta(days=on.weekday())
    return {
        "on": on,
        "employee": request.GET.get("employee", ""),
        "monday": monday,
        "next_monday": monday + timedelta(days=7),
    }


def list_planned(branch: Branch) -> list[int]:
    """Whoever takes patients at the branch: their hours are planned."""
    found = find_employees(wanted=CatalogueFilter(branch_id=branch.pk))
    return list(found.filter(services__isnull=False).distinct().values_list("pk", flat=True))


def _read_decisions(told: QueryDict) -> dict[int, Decision]:
    """What was chosen; an answer that nobody could have given is one to call."""
    return {
        number: _read_decision(str(value))
        for name, value in told.items()
        if name.startswith(PREFIX) and (number := read_number(name.removeprefix(PREFIX)))
    }


def _read_decision(text: str) -> Decision:
    employee, _at, moment = text.partition("@")
    employee_id = read_number(employee)
    try:
        starts_at = parse_datetime(moment)
    except ValueError:
        starts_at = None
    if employee_id is None or starts_at is None or starts_at.tzinfo is None:
        return CALL
    return Decision(employee_id=employee_id, starts_at=starts_at)


def _ask(refusal: BookingsLeftOutside, told: Mapping[str, str]) -> list[Asked]:
    gone = refusal.gone if isinstance(refusal, WayGone) else {}
    wish = told.get("for_all", "")
    asked = []
    for one in refusal.stranded:
        ways: Sequence[Way] = {"move": one.moves, "hand": one.hands}.get(wish, ())
        chosen = ways[0].value if ways else "call"
        number = one.booking.pk
        if not wish and number not in gone:
            chosen = told.get(f"{PREFIX}{number}", "call")
        asked.append(Asked(stranded=one, chosen=chosen, gone=gone.get(number, "")))
    return asked


def _describe(settled: Settled) -> list[str]:
    said = []
    if settled.moved:
        text = ngettext("%(count)d booking moved.", "%(count)d bookings moved.", settled.moved)
        said.append(text % {"count": settled.moved})
    if settled.calls:
        text = ngettext(
            "%(count)d patient to call: the task is in the list.",
            "%(count)d patients to call: the tasks are in the list.",
            settled.calls,
        )
        said.append(text % {"count": settled.calls})
    return said
