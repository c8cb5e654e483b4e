"""Days on which a branch is closed, and rooms and devices out of service."""

from functools import partial

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.actions import (
    DayDecision,
    add_closure,
    change_closure,
    decide_day,
    forget_day,
    remove_closure,
)
from clinic.days import EARLIEST, LATEST, today_at
from clinic.http import StaffRequest, read_number
from clinic.models import BranchDay, BranchDayKind, Closure
from clinic.public_holidays import list_public_holidays
from clinic.queries import access_closure
from desk.forms.closures import (
    BranchDayForm,
    ClosureChangeForm,
    ClosureForm,
    tell_branch_day,
    tell_closure,
)
from desk.queries.closed_days import list_closures, list_special_days
from desk.queries.outside import Scope, list_diaries
from desk.views.hours_edit import Edit, answer, read_on


@require_safe
def show_closed(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    today = today_at(request.branch, now=now)
    year = read_year(request, today.year)
    days = list_special_days(branch=request.branch, year=year, today=today)
    context = {
        "year": year,
        "days": days,
        "undecided": sum(day.is_undecided for day in days),
        "closures": list_closures(branch=request.branch, now=now),
    }
    template = "desk/schedule/closed.html"
    return render(request, f"{template}#closed" if request.htmx else template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: StaffRequest) -> HttpResponse:
    """What the branch does on a day (`?on=`): closed, other hours, as usual."""
    on = read_on(request)
    decided = BranchDay.objects.filter(branch=request.branch, on=on).first()
    fresh = {
        "on": on,
        "kind": BranchDayKind.CLOSED,
        "name": list_public_holidays(on.year).get(on, ""),
    }
    form = BranchDayForm(
        request.POST or None, initial=tell_branch_day(decided) if decided else fresh
    )

    def change() -> object:
        decision = form.decision(request.branch)
        return decide_day(decision=decision, actor_id=request.user.pk, now=timezone.now())

    edit = Edit(
        form=form,
        template="desk/schedule/branch_day.html",
        change=change,
        scope=lambda: _scope(request),
        done=_("Decided. Free times follow it already."),
        context={"decided": decided},
    )
    return answer(request, edit)


@require_POST
def forget(request: StaffRequest) -> HttpResponse:
    """Take the decision about a day (`?on=`) back."""
    edit = Edit(
        form=forms.Form(request.POST),
        template="desk/schedule/remove.html",
        change=partial(
            forget_day,
            branch_id=request.branch.pk,
            on=read_on(request),
            actor_id=request.user.pk,
            now=timezone.now(),
        ),
        scope=lambda: _scope(request),
        done=_("The decision is taken back: the day is like any other."),
        context={"employee": None},
    )
    return answer(request, edit)


@require_http_methods(["GET", "HEAD", "POST"])
def close_holidays(request: StaffRequest) -> HttpResponse:
    """Close the branch on every holiday of the year that nobody has decided about."""
    now = timezone.now()
    today = today_at(request.branch, now=now)
    year = read_year(request, today.year)
    special = list_special_days(branch=request.branch, year=year, today=today)
    days = [day for day in special if day.is_undecided]

    def change() -> object:
        for day in days:
            decision = DayDecision(
                branch_id=request.branch.pk,
                on=day.on,
                kind=BranchDayKind.CLOSED,
                name=day.name[:100],
            )
            decide_day(decision=decision, actor_id=request.user.pk, now=now)
        return days

    edit = Edit(
        form=forms.Form(request.POST if request.method == "POST" else None),
        template="desk/schedule/close_holidays.html",
        change=change,
        scope=lambda: _scope(request),
        done=_("The branch is closed on the holidays."),
        context={"days": days, "year": year},
    )
    return answer(request, edit)


@require_http_methods(["GET", "HEAD", "POST"])
def closure_add(request: StaffRequest) -> HttpResponse:
    on = read_on(request)
    form = ClosureForm(
        request.POST or None, branch=request.branch, initial={"first": on, "last": on}
    )

    def change() -> object:
        return add_closure(order=form.order(), actor_id=request.user.pk, now=timezone.now())

    def scope() -> Scope:
        room_id, device_id = form.thing()
        return Scope(room_id=room_id, device_id=device_id)

    edit = Edit(
        form=form,
        template="desk/schedule/closure.html",
        change=change,
        scope=scope,
        done=_("Closed: nothing is booked there then."),
        context={"closure": None},
    )
    return answer(request, edit)


@require_http_methods(["GET", "HEAD", "POST"])
def closure(request: StaffRequest, closure_id: int) -> HttpResponse:
    found = access_closure(actor=request.user, closure_id=closure_id)
    branch = found.thing.branch
    form = ClosureChangeForm(
        request.POST or None, branch=branch, initial=tell_closure(found, branch)
    )

    def change() -> object:
        return change_closure(
            closure_id=closure_id,
            order=form.order(),
            actor_id=request.user.pk,
            now=timezone.now(),
        )

    edit = Edit(
        form=form,
        template="desk/schedule/closure.html",
        change=change,
        scope=lambda: _place(found),
        done=_("The closure is changed."),
        context={"closure": found},
    )
    return answer(request, edit)


@require_POST
def closure_remove(request: StaffRequest, closure_id: int) -> HttpResponse:
    found = access_closure(actor=request.user, closure_id=closure_id)
    edit = Edit(
        form=forms.Form(request.POST),
        template="desk/schedule/remove.html",
        change=partial(
            remove_closure, closure_id=closure_id, actor_id=request.user.pk, now=timezone.now()
        ),
        scope=lambda: _place(found),
        done=_("Back in service."),
        context={"employee": None},
    )
    return answer(request, edit)


def read_year(request: StaffRequest, current: int) -> int:
    """The year of the address, the current one without; a year that a clinic can have."""
    year = read_number(request.GET.get("year", "")) or current
    return year if EARLIEST.year < year < LATEST.year else current


def _place(closure: Closure) -> Scope:
    return Scope(room_id=closure.room_id, device_id=closure.device_id)


def _scope(request: StaffRequest) -> Scope:
    """Everybody who is booked at the branch, or could be, while the day is decided about."""
    branch = request.branch
    diaries = list_diaries(branch=branch, now=timezone.now())
    return Scope(branch_id=branch.pk, employee_ids=diaries)
