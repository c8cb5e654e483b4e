"""The patient's page behind the link of a reminder. A GET changes nothing: robots follow links."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from appointments.actions import (
    VisitBegan,
    ask_to_move,
    cancel_appointment,
    confirm_appointment,
    is_past_cutoff,
    move_appointment,
)
from appointments.forms import AskForm, CancelForm, ConfirmForm, MoveForm
from appointments.models import UPCOMING, Appointment
from appointments.queries import Slot, SlotQuery, list_free_slots
from appointments.remarks import list_remarks
from messaging.models import LinkPurpose
from messaging.queries import LinkInvalid, open_link
from outbox.errors import Refused

DAYS_AHEAD = 14
MOST_DAYS = 6
MOST_OF_A_DAY = 12

Act = Callable[..., Appointment]


class Answer(NamedTuple):
    """One thing that a patient can say: the form it takes and the action it is."""

    form: type[forms.Form]
    act: Act


def _confirm(appointment: Appointment, *, now: datetime) -> Appointment:
    return confirm_appointment(
        appointment_id=appointment.pk, by_patient=True, actor_id=None, now=now
    )


def _cancel(appointment: Appointment, *, reason: str, now: datetime) -> Appointment:
    return cancel_appointment(
        appointment_id=appointment.pk, reason=reason, by_patient=True, actor_id=None, now=now
    )


def _ask(appointment: Appointment, *, wish: str, now: datetime) -> Appointment:
    return ask_to_move(appointment_id=appointment.pk, wish=wish, now=now)


def _move(
    appointment: Appointment, *, starts_at: datetime, version: int, now: datetime
) -> Appointment:
    if appointment.starts_at <= now:
        raise VisitBegan
    return move_appointment(
        appointment_id=appointment.pk,
        starts_at=starts_at,
        version=version,
        actor_id=None,
        by_patient=True,
        now=now,
    )


ANSWERS: Mapping[str, Answer] = {
    "confirm": Answer(ConfirmForm, _confirm),
    "cancel": Answer(CancelForm, _cancel),
    "ask": Answer(AskForm, _ask),
    "move": Answer(MoveForm, _move),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The visit, and what the patient can say about it; works without scripts."""
    now = timezone.now()
    try:
        link = open_link(token=token, purpose=LinkPurpose.APPOINTMENT, now=now)
    except LinkInvalid as refusal:
        context = {"refusal": refusal}
        return render(request, "appointments/closed.html", context, status=refusal.status)
    found = Appointment.objects.select_related("branch", "service")
    appointment = found.get(pk=link.subject_id)
    if request.method != "POST":
        return _show(request, appointment, now=now)
    said = ANSWERS.get(request.POST.get("answer", ""))
    form = said.form(request.POST) if said else None
    if said is None or form is None or not form.is_valid():
        return _show(request, appointment, now=now, form=form, status=422)
    try:
        said.act(appointment, now=now, **form.cleaned_data)
    except Refused as refusal:
        appointment.refresh_from_db()
        return _show(request, appointment, now=now, refusal=refusal, status=refusal.status)
    return redirect(request.path)


def _show(
    request: HttpRequest, appointment: Appointment, *, now: datetime, status: int = 200, **more: Any
) -> HttpResponse:
    is_open = appointment.status in UPCOMING and appointment.starts_at > now
    is_changeable = is_open and not is_past_cutoff(appointment, now=now)
    context = {
        "appointment": appointment,
        "branch": appointment.branch,
        "is_open": is_open,
        "is_changeable": is_changeable,
        "cancel": CancelForm(),
        "ask": AskForm(),
        "remarks": list_remarks(patient_id=appointment.patient_id, now=now),
        "days": _list_days(appointment, now=now) if is_changeable else [],
        **more,
    }
    return render(request, "appointments/answer.html", context, status=status)


def _list_days(appointment: Appointment, *, now: datetime) -> list[tuple[date, list[Slot]]]:
    """Free times of the same doctor, the nearest days first."""
    query = SlotQuery(
        service_id=appointment.service_id,
        branch_id=appointment.branch_id,
        employee_id=appointment.employee_id,
        patient_id=appointment.patient_id,
        except_id=appointment.pk,
        by_patient=True,
        from_at=now + timedelta(hours=1),
        until_at=now + timedelta(days=DAYS_AHEAD),
    )
    days: dict[date, list[Slot]] = {}
    for slot in list_free_slots(query=query, now=now):
        if slot.starts_at != appointment.starts_at:
            day = slot.starts_at.astimezone(appointment.branch.zone).date()
            days.setdefault(day, []).append(slot)
    return [(day, slots[:MOST_OF_A_DAY]) for day, slots in list(days.items())[:MOST_DAYS]]
