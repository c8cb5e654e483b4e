"""Rotations: hours that repeat, filling them in, exceptions, and copying what is planned."""

from dataclasses import replace
from functools import partial
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.actions import (
    Filled,
    copy_shifts,
    drop_exception,
    except_day,
    fill_shifts,
    remove_rotation,
    save_rotation,
)
from clinic.days import today_at
from clinic.http import StaffRequest
from clinic.queries import access_exception, access_rotation, find_last_filled
from desk.forms.rotations import (
    FILLED_AHEAD,
    CopyForm,
    ExceptionForm,
    FillForm,
    RotationForm,
    read_cycle,
    suggest_rotation,
    tell_rotation,
)
from desk.queries.outside import Scope
from desk.queries.rotations import list_exceptions, list_rotations
from desk.views.hours_edit import Edit, answer, list_planned, read_cell, scope_of


@require_safe
def show_rotations(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "rows": list_rotations(branch=request.branch, now=now),
        "exceptions": list_exceptions(branch=request.branch, now=now),
    }
    template = "desk/schedule/rotations.html"
    return render(request, f"{template}#rotations" if request.htmx else template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def rotation_add(request: StaffRequest) -> HttpResponse:
    """A new rotation; `?cycle_days=` says how many rows of hours it has."""
    told = request.POST or request.GET
    cycle_days = read_cycle(told.get("cycle_days", ""))
    today = today_at(request.branch, now=timezone.now())
    initial = suggest_rotation(request.branch, cycle_days=cycle_days, today=today)
    form = RotationForm(
        request.POST or None,
        cycle_days=cycle_days,
        employees=list_planned(request.branch),
        initial=initial | {"employee": request.GET.get("employee", "")},
    )
    return answer(request, _rotation_edit(request, form, None))


@require_http_methods(["GET", "HEAD", "POST"])
def rotation(request: StaffRequest, rotation_id: int) -> HttpResponse:
    found = access_rotation(actor=request.user, rotation_id=rotation_id)
    asked = (request.POST or request.GET).get("cycle_days", str(found.cycle_days))
    form = RotationForm(
        request.POST or None,
        cycle_days=read_cycle(asked),
        employees=[found.employee_id],
        initial=tell_rotation(found, today=today_at(found.branch, now=timezone.now()))
        | {"cycle_days": read_cycle(asked)},
    )
    form.fields["employee"].disabled = True
    return answer(request, _rotation_edit(request, form, rotation_id))


def _rotation_edit(request: StaffRequest, form: RotationForm, rotation_id: int | None) -> Edit:
    filled: list[Filled] = []
    now, branch = timezone.now(), request.branch
    if rotation_id is not None:
        branch = access_rotation(actor=request.user, rotation_id=rotation_id).branch

    def change() -> object:
        save_rotation(order=form.order(branch), rotation_id=rotation_id)
        order = form.fill_order(branch)
        if rotation_id is not None:
            filled_until = find_last_filled(rotation_id=rotation_id, branch=branch, now=now)
            last = max(order.last, filled_until or order.last)
            order = replace(order, first=today_at(branch, now=now), last=last)
        filled.append(fill_shifts(order=order, actor_id=request.user.pk, now=now))
        return filled

    return Edit(
        form=form,
        template="desk/schedule/rotation.html",
        change=change,
        scope=lambda: scope_of(form),
        done=lambda: describe_filled(filled[-1]),
        context={"rotation_id": rotation_id, "branch": branch},
    )


@require_POST
def rotation_remove(request: StaffRequest, rotation_id: int) -> HttpResponse:
    found = access_rotation(actor=request.user, rotation_id=rotation_id)
    edit = Edit(
        form=forms.Form(request.POST),
        template="desk/schedule/remove.html",
        change=partial(
            remove_rotation, rotation_id=rotation_id, actor_id=request.user.pk, now=timezone.now()
        ),
        scope=lambda: Scope(employee_ids=[found.employee_id]),
        done=_("The rotation is removed with the shifts ahead."),
        context={"employee": found.employee},
    )
    return answer(request, edit)


@require_http_methods(["GET", "HEAD", "POST"])
def shifts_fill(request: StaffRequest) -> HttpResponse:
    today = today_at(request.branch, now=timezone.now())
    planned = list_planned(request.branch)
    form = FillForm(
        request.POST or None,
        employees=planned,
        initial={"first": today, "last": today + FILLED_AHEAD},
    )
    filled: list[Filled] = []

    def change() -> object:
        order = form.order(request.branch)
        if not order.employee_ids:
            order = replace(order, employee_ids=planned)
        filled.append(fill_shifts(order=order, actor_id=request.user.pk, now=timezone.now()))
        return filled

    def scope() -> Scope:
        chosen = form.cleaned_data["employee"]
        return (
            scope_of(form) if chosen else Scope(employee_ids=planned, branch_id=request.branch.pk)
        )

    edit = Edit(
        form=form,
        template="desk/schedule/fill.html",
        change=change,
        scope=scope,
        done=lambda: describe_filled(filled[-1]),
    )
    return answer(request, edit)


@require_http_methods(["GET", "HEAD", "POST"])
def shifts_copy(request: StaffRequest) -> HttpResponse:
    planned, told = list_planned(request.branch), read_cell(request)
    form = CopyForm(
        request.POST or None,
        employees=planned,
        initial={
            "employee": told["employee"],
            "first": told["monday"],
            "to_first": told["next_monday"],
        },
    )
    copied: list[Filled] = []

    def change() -> object:
        order = form.order(request.branch)
        copied.append(copy_shifts(order=order, actor_id=request.user.pk, now=timezone.now()))
        return copied

    edit = Edit(
        form=form,
        template="desk/schedule/copy.html",
        change=change,
        scope=lambda: Scope(employee_ids=planned, branch_id=request.branch.pk),
        done=lambda: describe_filled(copied[-1]),
    )
    return answer(request, edit)


@require_http_methods(["GET", "HEAD", "POST"])
def exception_add(request: StaffRequest) -> HttpResponse:
    told: dict[str, Any] = read_cell(request)
    form = ExceptionForm(request.POST or None, employees=list_planned(request.branch), initial=told)

    def change() -> object:
        order = form.order(request.branch)
        return except_day(order=order, actor_id=request.user.pk, now=timezone.now())

    edit = Edit(
        form=form,
        template="desk/schedule/exception.html",
        change=change,
        scope=lambda: scope_of(form),
        done=_("The day is out of the rotation: plan it by hand, or leave it free."),
    )
    return answer(request, edit)


@require_POST
def exception_drop(request: StaffRequest, exception_id: int) -> HttpResponse:
    found = access_exception(actor=request.user, exception_id=exception_id)
    edit = Edit(
        form=forms.Form(request.POST),
        template="desk/schedule/remove.html",
        change=partial(
            drop_exception, exception_id=exception_id, actor_id=request.user.pk, now=timezone.now()
        ),
        scope=lambda: Scope(employee_ids=[found.employee_id]),
        done=_("The day follows the rotation again."),
        context={"employee": found.employee},
    )
    return answer(request, edit)


def describe_filled(filled: Filled) -> str:
    """Say how many shifts came and went, and which days were kept as they are."""
    said = ngettext("%(count)d shift added.", "%(count)d shifts added.", filled.added)
    parts = [said % {"count": filled.added}]
    if filled.removed:
        gone = ngettext("%(count)d shift removed.", "%(count)d shifts removed.", filled.removed)
        parts.append(gone % {"count": filled.removed})
    if filled.kept:
        kept = ngettext(
            "%(count)d day left as it is: planned by hand or busy.",
            "%(count)d days left as they are: planned by hand or busy.",
            len(filled.kept),
        )
        days = ", ".join(sorted({f"{day.on:%d.%m}" for day in filled.kept[:5]}))
        parts.append(kept % {"count": len(filled.kept)} + f" ({days})")
    return " ".join(parts)
