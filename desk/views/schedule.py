from functools import partial

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.actions import (
    ShiftOrder,
    add_shifts,
    add_times_off,
    change_shift,
    change_time_off,
    remove_shift,
    remove_time_off,
)
from clinic.http import StaffRequest
from clinic.queries import access_shift, access_time_off
from desk.forms.schedule import (
    HoursForm,
    ShiftForm,
    TimeOffChangeForm,
    TimeOffForm,
    tell_shift,
    tell_time_off,
)
from desk.queries.outside import Scope, list_outside
from desk.queries.schedule import get_week
from desk.views.hours_edit import (
    Edit,
    answer,
    list_planned,
    read_cell,
    read_on,
    scope_of,
)


@require_safe
def show_schedule(request: StaffRequest) -> HttpResponse:
    """A week of the branch; the address says which (`?on=2026-11-23`, any day of it)."""
    now = timezone.now()
    context = {
        "week": get_week(branch=request.branch, on=read_on(request), now=now),
        "outside": list_outside(scope=Scope(branch_id=request.branch.pk), now=now),
    }
    template = "desk/schedule/page.html"
    return render(request, f"{template}#week" if request.htmx else template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def shift_add(request: StaffRequest) -> HttpResponse:
    branch, told = request.branch, read_cell(request)
    form = ShiftForm(
        request.POST or None,
        branch=branch,
        employees=list_planned(branch),
        initial={**told, "starts": branch.opens_at, "ends": branch.closes_at},
    )

    def change() -> object:
        order = ShiftOrder(
            employee_id=form.cleaned_data["employee"].pk,
            branch_id=branch.pk,
            periods=form.periods(),
        )
        return add_shifts(order=order, actor_id=request.user.pk, now=timezone.now())

    edit = Edit(
        form=form,
        template="desk/schedule/shift_add.html",
        change=change,
        scope=lambda: scope_of(form),
        done=_("The shifts are in the schedule."),
        context={"cell": told},
    )
    return answer(request, edit)


@require_http_methods(["GET", "HEAD", "POST"])
def shift(request: StaffRequest, shift_id: int) -> HttpResponse:
    found = access_shift(actor=request.user, shift_id=shift_id)
    form = HoursForm(request.POST or None, branch=found.branch, initial=tell_shift(found))

    def change() -> object:
        starts_at, ends_at = form.period()
        return change_shift(
            shift_id=shift_id,
            starts_at=starts_at,
            ends_at=ends_at,
            actor_id=request.user.pk,
            now=timezone.now(),
        )

    edit = Edit(
        form=form,
        template="desk/schedule/shift.html",
        change=change,
        done=_("The shift is changed."),
        scope=lambda: Scope(employee_ids=[found.employee_id]),
        context={"shift": found, "is_over": found.ends_at <= timezone.now()},
    )
    return answer(request, edit)


@require_POST
def shift_remove(request: StaffRequest, shift_id: int) -> HttpResponse:
    found = access_shift(actor=request.user, shift_id=shift_id)
    edit = Edit(
        form=forms.Form(request.POST),
        template="desk/schedule/remove.html",
        change=partial(
            remove_shift, shift_id=shift_id, actor_id=request.user.pk, now=timezone.now()
        ),
        done=_("The shift is removed."),
        scope=lambda: Scope(employee_ids=[found.employee_id]),
        context={"employee": found.employee},
    )
    return answer(request, edit)


@require_http_methods(["GET", "HEAD", "POST"])
def time_off_add(request: StaffRequest) -> HttpResponse:
    told = read_cell(request)
    form = TimeOffForm(
        request.POST or None,
        branch=request.branch,
        employees=list_planned(request.branch),
        initial={**told, "first": told["on"], "last": told["on"]},
    )

    def change() -> object:
        return add_times_off(order=form.order(), actor_id=request.user.pk, now=timezone.now())

    edit = Edit(
        form=form,
        template="desk/schedule/time_off_add.html",
        change=change,
        scope=lambda: scope_of(form),
        done=_("The absence is in the schedule."),
        context={"cell": told},
    )
    return answer(request, edit)


@require_http_methods(["GET", "HEAD", "POST"])
def time_off(request: StaffRequest, time_off_id: int) -> HttpResponse:
    found = access_time_off(actor=request.user, time_off_id=time_off_id)
    form = TimeOffChangeForm(
        request.POST or None,
        branch=request.branch,
        employees=[found.employee_id],
        initial=tell_time_off(found, request.branch),
    )

    def change() -> object:
        return change_time_off(
            time_off_id=time_off_id,
            order=form.order(),
            actor_id=request.user.pk,
            now=timezone.now(),
        )

    edit = Edit(
        form=form,
        template="desk/schedule/time_off.html",
        change=change,
        done=_("The absence is changed."),
        scope=lambda: Scope(employee_ids=[found.employee_id]),
        context={"absence": found, "is_over": found.ends_at <= timezone.now()},
    )
    return answer(request, edit)


@require_POST
def time_off_remove(request: StaffRequest, time_off_id: int) -> HttpResponse:
    found = access_time_off(actor=request.user, time_off_id=time_off_id)
    edit = Edit(
        form=forms.Form(request.POST),
        template="desk/schedule/remove.html",
        change=partial(
            remove_time_off, time_off_id=time_off_id, actor_id=request.user.pk, now=timezone.now()
        ),
        done=_("The absence is removed."),
        scope=lambda: Scope(employee_ids=[found.employee_id]),
        context={"employee": found.employee},
    )
    return answer(request, edit)
