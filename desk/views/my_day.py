"""The doctor's home: who comes today, and one tap for each step."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appointments.actions import call_in, reopen_visit, start_visit
from appointments.models import Visit
from appointments.queries import access_appointment, list_news
from clinic.days import read_day, today_at
from clinic.formats import format_money
from clinic.http import StaffRequest, close_dialog
from clinic.models import Employee
from clinic.toasts import toast
from desk.queries.my_day import MyDay, get_my_day
from outbox.errors import Refused
from packages.actions import finish_covered

CHANGED = "appointments-changed"


@require_safe
def my_day(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    today = today_at(request.branch, now=now)
    on = read_day(request.GET.get("on", "")) or today
    me = Employee.objects.filter(user=request.user).first()
    day = (
        get_my_day(employee=me, branch=request.branch, on=on, now=now)
        if me
        else MyDay(on=on, places=[])
    )
    context = {
        "day": day,
        "is_today": on == today,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "now": now,
        "today": today,
        "me": me,
        "news": list_news(employee_id=me.pk, now=now) if me else [],
    }
    template = "desk/my_day/my_day.html"
    return render(request, f"{template}#places" if request.htmx else template, context)


@require_POST
def call(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """The patient is asked in; who was not marked as arrived is now."""
    access_appointment(actor=request.user, appointment_id=appointment_id)
    return _do(
        request,
        lambda now: call_in(appointment_id=appointment_id, actor_id=request.user.pk, now=now),
    )


@require_POST
def start(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """The patient comes in; who was not marked as arrived is now."""
    access_appointment(actor=request.user, appointment_id=appointment_id)
    return _do(
        request,
        lambda now: start_visit(appointment_id=appointment_id, actor_id=request.user.pk, now=now),
    )


@require_POST
def finish(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """The visit is over; reception sees the bill, unless a package of the patient pays it."""
    access_appointment(actor=request.user, appointment_id=appointment_id)
    return _do(
        request,
        lambda now: finish_covered(
            appointment_id=appointment_id, actor_id=request.user.pk, now=now
        ),
        said=_say_finished,
        undo=reverse("desk:my_day_reopen", args=[appointment_id]),
    )


def _say_finished(visit: Visit) -> str:
    if not visit.total and visit.lines.filter(is_prepaid=True).exists():
        return _("Done. The package of the patient has paid.")
    return _("Done. Reception sees the bill: %(sum)s.") % {"sum": format_money(visit.total)}


@require_POST
def reopen(request: StaffRequest, appointment_id: int) -> HttpResponse:
    access_appointment(actor=request.user, appointment_id=appointment_id)
    return _do(
        request,
        lambda now: reopen_visit(appointment_id=appointment_id, actor_id=request.user.pk, now=now),
    )


def _do(
    request: StaffRequest,
    step: Callable[[datetime], Visit],
    *,
    said: Callable[[Visit], str] | None = None,
    undo: str = "",
) -> HttpResponse:
    """Take one step and have the day draw itself anew; a refusal is said in a note."""
    try:
        visit = step(timezone.now())
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
    else:
        if said:
            toast(request, said(visit), undo=undo)
    return close_dialog(CHANGED)
