"""The dialog of one appointment, and every step that reception takes from it or by dragging."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.actions import (
    NotFree,
    SlotInPast,
    call_in,
    cancel_appointment,
    confirm_appointment,
    mark_arrived,
    mark_no_show,
    move_appointment,
    move_bundle,
    restore_appointment,
    start_visit,
    undo_move,
)
from appointments.models import ALLOWED_MOVES, UPCOMING, Appointment, CancelReason, Visit
from appointments.queries import SlotQuery, access_appointment, list_bundle, list_prepaid
from clinic.days import today_at
from clinic.formats import format_clock, format_weekday
from clinic.http import StaffRequest, address_of, close_dialog
from clinic.toasts import toast
from desk.forms.booking import CancelForm, MoveForm, with_taken
from desk.queries.offers import Offer, list_offers, read_alternatives
from desk.views.visits import cancel_whole
from outbox.errors import Refused
from patients.actions import record_access
from patients.models import AccessAction, Channel
from patients.queries import find_address

CHANGED = "appointments-changed"


@require_safe
def show(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """The details, and what can be done next."""
    now = timezone.now()
    appointment = access_appointment(actor=request.user, appointment_id=appointment_id)
    with transaction.atomic():
        record_access(
            patient_id=appointment.patient_id,
            actor_id=request.user.pk,
            action=AccessAction.OPENED,
            place="desk:appointment",
            ip=address_of(request),
            now=now,
        )
        phone = find_address(patient=appointment.patient, channel=Channel.SMS) or ""
    context = {
        "appointment": appointment,
        "phone": phone,
        "visit": Visit.objects.filter(appointment=appointment).first(),
        "steps": ALLOWED_MOVES[appointment.status],
        "is_upcoming": appointment.status in UPCOMING,
        "is_today": _day_of(appointment) == today_at(appointment.branch, now=now),
        "has_begun": appointment.starts_at <= now,
        "others": _list_others(appointment),
        "held": sum((one.left for one in list_prepaid(appointment_id=appointment.pk)), Decimal(0)),
    }
    return render(request, "desk/appointments/dialog.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """Show the free times, or move: by the form, by an offered time, by dragging on the board."""
    now = timezone.now()
    appointment = access_appointment(actor=request.user, appointment_id=appointment_id)
    if request.method != "POST":
        form = MoveForm(initial=_initial(request, appointment), branch=appointment.branch)
        return render(request, "desk/appointments/move.html", _moving(form, appointment, now=now))
    form = MoveForm(with_taken(request.POST), branch=appointment.branch)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        context = _moving(form, appointment, now=now)
        return render(request, "desk/appointments/move.html", context, status=status)
    try:
        moved = _move(request, appointment, form, now=now)
    except (NotFree, SlotInPast) as refusal:
        context = _moving(form, appointment, now=now) | {
            "refusal": refusal,
            "alternatives": [
                offer
                for offer in read_alternatives(refusal)
                if offer.branch_id == appointment.branch_id and not _is_here(offer, appointment)
            ],
        }
        return render(request, "desk/appointments/move.html", context, status=HTTPStatus.CONFLICT)
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
        return close_dialog(CHANGED)
    if "whole" in request.POST:
        toast(request, _say_moved(moved), undo=_undo_of_whole(moved, was_at=appointment.starts_at))
    elif moved.version != form.cleaned_data["version"]:
        undo = reverse("desk:appointment_undo_move", args=[moved.pk, moved.version])
        toast(request, _say_moved(moved), undo=undo)
    return close_dialog(CHANGED)


def _move(
    request: StaffRequest, appointment: Appointment, form: MoveForm, *, now: datetime
) -> Appointment:
    """Move the appointment, or with it all the services of its visit, each with its own doctor."""
    version, actor_id = form.cleaned_data["version"], request.user.pk
    if "whole" in request.POST:
        rows = move_bundle(
            appointment_id=appointment.pk,
            starts_at=form.get_moment(),
            version=version,
            actor_id=actor_id,
            now=now,
        )
        return next(row for row in rows if row.pk == appointment.pk)
    return move_appointment(
        appointment_id=appointment.pk,
        starts_at=form.get_moment(),
        employee_id=form.cleaned_data["employee"].pk,
        version=version,
        actor_id=actor_id,
        now=now,
    )


def _undo_of_whole(moved: Appointment, *, was_at: datetime) -> str:
    """Where the move of a whole visit is taken back; empty if it stands where it stood."""
    if moved.starts_at == was_at:
        return ""
    rows = [row for row in list_bundle(appointment_id=moved.pk) if row.status in UPCOMING]
    if moved.starts_at > was_at:
        rows.reverse()
    asked = "&".join(f"moved={row.pk}-{row.version}" for row in rows)
    return f"{reverse('desk:visit_undo_move', args=[moved.pk])}?{asked}"


@require_POST
def take_back_move(request: StaffRequest, appointment_id: int, version: int) -> HttpResponse:
    return _take(
        request, appointment_id, partial(undo_move, version=version), said=_("Moved back.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """Ask for the reason, then give the time back."""
    form = CancelForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        appointment = access_appointment(actor=request.user, appointment_id=appointment_id)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        context = {"form": form, "appointment": appointment, "others": _list_others(appointment)}
        return render(request, "desk/appointments/cancel.html", context, status=status)
    reason = form.cleaned_data["reason"]
    if "whole" in request.POST:
        access_appointment(actor=request.user, appointment_id=appointment_id)
        said = _("The whole visit is cancelled.")
        return cancel_whole(request, appointment_id, reason=reason, said=said)
    act = partial(cancel_appointment, reason=reason, by_patient=False)
    undo = reverse("desk:appointment_restore", args=[appointment_id])
    return _take(request, appointment_id, act, said=_("The appointment is cancelled."), undo=undo)


@require_POST
def unbook(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """Undo a booking that has just been made."""
    act = partial(cancel_appointment, reason=CancelReason.MISTAKE, by_patient=False)
    undo = reverse("desk:appointment_restore", args=[appointment_id])
    return _take(request, appointment_id, act, said=_("The booking is taken back."), undo=undo)


@require_POST
def confirm(request: StaffRequest, appointment_id: int) -> HttpResponse:
    act = partial(confirm_appointment, by_patient=False)
    undo = reverse("desk:appointment_restore", args=[appointment_id])
    return _take(request, appointment_id, act, said=_("The appointment is confirmed."), undo=undo)


@require_POST
def restore(request: StaffRequest, appointment_id: int) -> HttpResponse:
    said = _("The appointment is booked again.")
    return _take(request, appointment_id, restore_appointment, said=said)


@require_POST
def arrive(request: StaffRequest, appointment_id: int) -> HttpResponse:
    undo = reverse("desk:appointment_restore", args=[appointment_id])
    return _take(request, appointment_id, mark_arrived, said=_("The patient is here."), undo=undo)


@require_POST
def call(request: StaffRequest, appointment_id: int) -> HttpResponse:
    return _take(request, appointment_id, call_in, said=_("The patient is called in."))


@require_POST
def start(request: StaffRequest, appointment_id: int) -> HttpResponse:
    return _take(request, appointment_id, start_visit, said=_("The visit has begun."))


@require_POST
def miss(request: StaffRequest, appointment_id: int) -> HttpResponse:
    undo = reverse("desk:appointment_restore", args=[appointment_id])
    said = _("Marked as a no-show. A call is in the tasks.")
    return _take(request, appointment_id, mark_no_show, said=said, undo=undo)


def _take(
    request: StaffRequest,
    appointment_id: int,
    act: Callable[..., object],
    *,
    said: str,
    undo: str = "",
) -> HttpResponse:
    """Take one step with an appointment and say so, or say why not; either way look again."""
    access_appointment(actor=request.user, appointment_id=appointment_id)
    try:
        act(appointment_id=appointment_id, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
    else:
        toast(request, said, undo=undo)
    return close_dialog(CHANGED)


def _initial(request: StaffRequest, appointment: Appointment) -> dict[str, Any]:
    """Where it stands, changed by what the address asks for."""
    local = appointment.starts_at.astimezone(appointment.branch.zone)
    return {
        "employee": appointment.employee_id,
        "on": local.date(),
        "clock": local.time(),
        "version": appointment.version,
        **{name: request.GET[name] for name in ("employee", "on") if name in request.GET},
    }


def _moving(form: MoveForm, appointment: Appointment, *, now: datetime) -> dict[str, Any]:
    """What the dialog of moving shows: the form, and what is free around the day in it."""
    zone = appointment.branch.zone
    on = form.read_day() or appointment.starts_at.astimezone(zone).date()
    query = SlotQuery(
        service_id=appointment.service_id,
        branch_id=appointment.branch_id,
        employee_id=form.read_number("employee"),
        patient_id=appointment.patient_id,
        except_id=appointment.pk,
        from_at=now,
        until_at=now,
    )
    offers = list_offers(query=query, branch=appointment.branch, on=on, now=now)
    of_day = [offer for offer in offers.of_day if not _is_here(offer, appointment)]
    return {
        "form": form,
        "appointment": appointment,
        "others": _list_others(appointment),
        "on": on,
        "offers": replace(offers, of_day=of_day),
    }


def _list_others(appointment: Appointment) -> list[Appointment]:
    """The other services of the same visit that are still ahead."""
    if appointment.bundle is None:
        return []
    rows = list_bundle(appointment_id=appointment.pk)
    return [row for row in rows if row.pk != appointment.pk and row.status in UPCOMING]


def _is_here(offer: Offer, appointment: Appointment) -> bool:
    """Whether the offer is where the appointment stands already."""
    here = (appointment.employee_id, appointment.starts_at)
    return (offer.employee_id, offer.starts_at) == here


def _say_moved(moved: Appointment) -> str:
    zone = moved.branch.zone
    return _("Moved to %(day)s, %(clock)s, %(doctor)s") % {
        "day": format_weekday(moved.starts_at.astimezone(zone).date()),
        "clock": format_clock(moved.starts_at, zone),
        "doctor": moved.employee.short_name,
    }


def _day_of(appointment: Appointment) -> date:
    return appointment.starts_at.astimezone(appointment.branch.zone).date()
