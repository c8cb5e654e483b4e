"""The dialog in which several services are booked as one visit, all or nothing."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.actions import (
    BookingOrder,
    book_bundle,
    cancel_bundle,
    name_owner,
    restore_bundle,
    undo_bundle_move,
)
from appointments.models import UPCOMING, Appointment, CancelReason
from appointments.queries import BundleQuery, access_appointment, list_bundle
from clinic.days import day_bounds, today_at
from clinic.formats import format_clock, format_weekday
from clinic.http import StaffRequest, close_dialog, read_number, read_numbers
from clinic.toasts import toast
from desk.actions.booking import book_newcomer_visit
from desk.forms.booking import NewcomerForm
from desk.forms.visits import TakenStep, VisitForm, read_taken
from desk.forms.wishes import WEEKDAYS, DayPart, WishForm
from desk.queries.visits import list_spoken_visits
from desk.views.guests import meet_guest
from outbox.errors import Refused
from patients.actions import LooksKnown
from patients.queries import access_patient

TEMPLATE = "desk/visits/book.html"
CHANGED = "appointments-changed"


@require_http_methods(["GET", "HEAD", "POST"])
def book_visit(request: StaffRequest) -> HttpResponse:
    """Show the dialog with whatever the address says, or book the visit that was pressed.

    What does not pass comes back with all that was chosen and what is free now: 422 for a field,
    409 for a refusal.
    """
    now = timezone.now()
    if request.method != "POST":
        asked = request.GET.dict()
        asked.setdefault("service1", asked.pop("service", ""))
        asked.setdefault("since", today_at(request.branch, now=now).isoformat())
        form = VisitForm(initial=asked | {"key": uuid4()}, branch=request.branch)
        return render(request, TEMPLATE, _context(request, form, asked, now=now))
    form = VisitForm(request.POST, branch=request.branch)
    newcomer = _read_newcomer(request, now=now)
    context = {"newcomer": newcomer}
    if not form.is_valid() or (newcomer is not None and not newcomer.is_valid()):
        context |= _context(request, form, request.POST, now=now)
        return render(request, TEMPLATE, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    taken = read_taken(request.POST.get("take", ""))
    if len(taken) != len(form.steps):
        form.add_error(None, _("Choose one of the times."))
        context |= _context(request, form, request.POST, now=now)
        return render(request, TEMPLATE, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        booked = _book(request, _orders(request, form, taken), form, newcomer, now=now)
    except Refused as refusal:
        context |= _context(request, form, request.POST, now=now) | {
            "refusal": refusal,
            "candidates": refusal.candidates if isinstance(refusal, LooksKnown) else [],
            "taken": request.POST["take"],
        }
        return render(request, TEMPLATE, context, status=HTTPStatus.CONFLICT)
    toast(request, _say_booked(booked), undo=reverse("desk:visit_unbook", args=[booked[0].pk]))
    return close_dialog(CHANGED)


@require_safe
def show_options(request: StaffRequest) -> HttpResponse:
    """When the services chosen so far fit in a row."""
    context = _options(request, request.GET, now=timezone.now())
    return render(request, "desk/visits/options.html", context)


@require_POST
def unbook(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """Undo the booking of a whole visit that has just been made."""
    access_appointment(actor=request.user, appointment_id=appointment_id)
    return cancel_whole(
        request,
        appointment_id,
        reason=CancelReason.MISTAKE,
        said=_("The booking is taken back."),
    )


@require_POST
def restore(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """Book those services of a visit again that have just been cancelled together."""
    chosen = read_numbers(request.GET.getlist("of"))
    rows = [row.pk for row in _list_visit(request, appointment_id) if row.pk in chosen]
    try:
        restore_bundle(appointment_ids=rows, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
    else:
        toast(request, _("The whole visit is booked again."))
    return close_dialog(CHANGED)


@require_POST
def take_back_move(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """Move the services of a visit back that have just been moved together."""
    known = {row.pk for row in _list_visit(request, appointment_id)}
    pairs = [text.partition("-") for text in request.GET.getlist("moved")]
    moved = [
        (number, seen)
        for text, _dash, version in pairs
        if (number := read_number(text)) in known and (seen := read_number(version)) is not None
    ]
    try:
        undo_bundle_move(moved=moved, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
    else:
        toast(request, _("Moved back."))
    return close_dialog(CHANGED)


def cancel_whole(
    request: StaffRequest, appointment_id: int, *, reason: str, said: str
) -> HttpResponse:
    """Cancel what is still ahead of a visit; the toast books it again."""
    rows = list_bundle(appointment_id=appointment_id)
    ahead = [row.pk for row in rows if row.status in UPCOMING]
    try:
        cancel_bundle(
            appointment_id=appointment_id,
            reason=reason,
            by_patient=False,
            actor_id=request.user.pk,
            now=timezone.now(),
        )
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
    else:
        asked = "&".join(f"of={number}" for number in ahead)
        undo = reverse("desk:visit_restore", args=[appointment_id])
        toast(request, said, undo=f"{undo}?{asked}" if ahead else "")
    return close_dialog(CHANGED)


def _list_visit(request: StaffRequest, appointment_id: int) -> list[Appointment]:
    found = access_appointment(actor=request.user, appointment_id=appointment_id)
    return list_bundle(appointment_id=found.pk)


def _orders(request: StaffRequest, form: VisitForm, taken: list[TakenStep]) -> list[BookingOrder]:
    """One order for each service, each with a key of its own: a second press books nothing more."""
    given = form.cleaned_data
    return [
        BookingOrder(
            patient_id=given["patient"] or 0,
            service_id=step.service_id,
            employee_id=one.employee_id,
            branch_id=request.branch.pk,
            starts_at=one.starts_at,
            note=given["note"],
            key=f"{given['key']}:{number}",
            waived=True,
        )
        for number, (step, one) in enumerate(zip(form.steps, taken, strict=True), start=1)
    ]


def _book(
    request: StaffRequest,
    orders: list[BookingOrder],
    form: VisitForm,
    newcomer: NewcomerForm | None,
    *,
    now: datetime,
) -> list[Appointment]:
    if newcomer is None:
        access_patient(actor=request.user, patient_id=orders[0].patient_id)
        return book_bundle(orders=orders, actor_id=request.user.pk, now=now)
    return book_newcomer_visit(
        details=newcomer.read(branch=request.branch, source=None),
        not_same_as=read_numbers(request.POST.getlist("not_same_as")),
        orders=orders,
        actor_id=request.user.pk,
        now=now,
    )


def _read_newcomer(request: StaffRequest, *, now: datetime) -> NewcomerForm | None:
    if "new-name" not in request.POST or request.POST.get("patient"):
        return None
    return NewcomerForm(request.POST, today=today_at(request.branch, now=now))


def _context(
    request: StaffRequest, form: VisitForm, asked: Mapping[str, Any], *, now: datetime
) -> dict[str, Any]:
    patient_id = read_number(str(form["patient"].value() or ""))
    guest = meet_guest(request, patient_id, now=now) if patient_id else None
    return {"form": form, "guest": guest} | _options(request, asked, now=now)


def _options(request: StaffRequest, asked: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    branch, wishes = request.branch, WishForm(asked)
    chosen = VisitForm(asked, branch=branch)
    chosen.is_valid()
    context: dict[str, Any] = {
        "wishes": wishes,
        "parts": DayPart.choices,
        "weekdays": WEEKDAYS,
        "is_chosen": bool(chosen.steps),
    }
    if not chosen.steps:
        return context
    since = day_bounds(branch, wishes.since_day)[0] if wishes.since_day else now
    clock_from, clock_until = wishes.clocks
    query = BundleQuery(
        steps=chosen.steps,
        branch_id=branch.pk,
        from_at=max(since, now),
        until_at=now,
        weekdays=wishes.weekdays,
        clock_from=clock_from,
        clock_until=clock_until,
        patient_id=chosen.cleaned_data.get("patient"),
        owners=(name_owner(request.user.pk),),
    )
    return context | {"visits": list_spoken_visits(query=query, branch=branch, now=now)}


def _say_booked(booked: list[Appointment]) -> str:
    first = booked[0]
    zone = first.branch.zone
    return _("%(patient)s is booked for %(count)s services: %(day)s, %(clock)s") % {
        "patient": first.patient.full_name,
        "count": len(booked),
        "day": format_weekday(first.starts_at.astimezone(zone).date()),
        "clock": format_clock(first.starts_at, zone),
    }
