"""The booking dialog: whom, with whom, for what and when, on one page and without losing a word."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.actions import (
    BookingOrder,
    HoldOrder,
    RuleBroken,
    add_to_visit,
    book_appointment,
    foresee_refusal,
    hold_slot,
    name_owner,
    release_holds,
)
from appointments.models import Appointment
from appointments.queries import (
    SlotQuery,
    Wish,
    access_appointment,
    quote_price,
)
from clinic.days import day_bounds, today_at
from clinic.formats import format_clock, format_weekday
from clinic.http import StaffRequest, close_dialog, read_number, read_numbers
from clinic.models import Service
from clinic.queries import get_terms
from clinic.toasts import toast
from desk.actions.booking import book_newcomer
from desk.forms.booking import BookingForm, NewcomerForm, with_taken
from desk.forms.wishes import WEEKDAYS, DayPart, WishForm
from desk.queries.offers import list_day_offers, read_alternatives
from desk.queries.origins import describe_origin
from desk.queries.places import find_place, has_neighbours
from desk.queries.proposals import list_spoken_times
from desk.views.guests import HITS, meet_guest
from outbox.errors import Refused
from packages.queries import find_payer
from patients.actions import LooksKnown
from patients.queries import access_patient, find_patients

TEMPLATE = "desk/booking/dialog.html"
NOBODY = 0


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: StaffRequest) -> HttpResponse:
    """Show the dialog with whatever the address and the origin it names say, or book.

    What does not pass comes back with all that was typed: 422 for a field, 409 for a refusal,
    then with the nearest free times, each a button that books at once.
    """
    now = timezone.now()
    if request.method != "POST":
        asked = request.GET.dict()
        asked |= describe_origin(actor=request.user, asked=asked)
        asked.setdefault("on", today_at(request.branch, now=now).isoformat())
        asked |= {"wished": asked.get("employee", ""), "since": asked["on"]}
        form = BookingForm(
            initial=asked | {"key": uuid4()}, branch=find_place(asked, default=request.branch)
        )
        context = _context(request, form, asked, now=now) | _meet_caller(request, asked, now=now)
        return render(request, TEMPLATE, context)
    posted = with_taken(request.POST)
    form = BookingForm(posted, branch=find_place(posted, default=request.branch))
    newcomer = _read_newcomer(request, now=now)
    if not form.is_valid() or (newcomer is not None and not newcomer.is_valid()):
        context = _context(request, form, request.POST, now=now) | {"newcomer": newcomer}
        return render(request, TEMPLATE, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        booked = _book(request, form, newcomer, now=now)
    except Refused as refusal:
        context = _context(request, form, request.POST, now=now) | _advice(request, refusal)
        context["newcomer"] = newcomer
        return render(request, TEMPLATE, context, status=HTTPStatus.CONFLICT)
    toast(request, _say_booked(booked), undo=reverse("desk:appointment_unbook", args=[booked.pk]))
    return close_dialog("appointments-changed")


@require_safe
def show_times(request: StaffRequest) -> HttpResponse:
    """The services of the chosen doctor and the free times, for what is chosen so far."""
    branch = find_place(request.GET, default=request.branch)
    form = BookingForm(initial=request.GET.dict(), branch=branch)
    context = {"form": form} | _offers(request, request.GET, now=timezone.now())
    return render(request, "desk/booking/times.html", context)


@require_safe
def show_proposals(request: StaffRequest) -> HttpResponse:
    """A few times to say aloud, for the service and the wishes so far."""
    context = _proposals(request, request.GET, now=timezone.now())
    return render(request, "desk/booking/proposals.html", context)


@require_POST
def hold(request: StaffRequest) -> HttpResponse:
    """Hold the chosen time while the rest is asked; whoever holds chose it last."""
    form = BookingForm(request.POST, branch=find_place(request.POST, default=request.branch))
    form.is_valid()
    service, employee = (form.cleaned_data.get(name) for name in ("service", "employee"))
    if service is None or employee is None or form.moment is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    order = HoldOrder(
        owner=name_owner(request.user.pk),
        service_id=service.pk,
        employee_id=employee.pk,
        branch_id=form.branch.pk,
        starts_at=form.moment,
    )
    try:
        held = hold_slot(order=order, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        return render(request, "desk/booking/held.html", {"refusal": refusal})
    return render(request, "desk/booking/held.html", {"held": held})


@require_POST
def release(request: StaffRequest) -> HttpResponse:
    """Let go of the time that was held: the dialog was closed, others may have it."""
    release_holds([name_owner(request.user.pk)], now=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _book(
    request: StaffRequest, form: BookingForm, newcomer: NewcomerForm | None, *, now: datetime
) -> Appointment:
    given = form.cleaned_data
    order = BookingOrder(
        patient_id=given["patient"] or NOBODY,
        service_id=given["service"].pk,
        employee_id=given["employee"].pk,
        branch_id=form.branch.pk,
        starts_at=form.get_moment(),
        source_id=given["source"].pk if given["source"] else None,
        note=given["note"],
        key=str(given["key"]),
        waived="waived" in request.POST,
    )
    if newcomer is None:
        access_patient(actor=request.user, patient_id=order.patient_id)
        if given["beside"]:
            beside = access_appointment(actor=request.user, appointment_id=given["beside"])
            return add_to_visit(order=order, beside_id=beside.pk, actor_id=request.user.pk, now=now)
        return book_appointment(order=order, actor_id=request.user.pk, now=now)
    return book_newcomer(
        details=newcomer.read(branch=request.branch, source=given["source"]),
        not_same_as=read_numbers(request.POST.getlist("not_same_as")),
        order=order,
        actor_id=request.user.pk,
        now=now,
    )


def _say_booked(booked: Appointment) -> str:
    zone = booked.branch.zone
    return _("%(patient)s is booked: %(day)s, %(clock)s, %(doctor)s") % {
        "patient": booked.patient.full_name,
        "day": format_weekday(booked.starts_at.astimezone(zone).date()),
        "clock": format_clock(booked.starts_at, zone),
        "doctor": booked.employee.short_name,
    }


def _read_newcomer(request: StaffRequest, *, now: datetime) -> NewcomerForm | None:
    if "new-name" not in request.POST or request.POST.get("patient"):
        return None
    return NewcomerForm(request.POST, today=today_at(request.branch, now=now))


def _meet_caller(
    request: StaffRequest, asked: Mapping[str, str], *, now: datetime
) -> dict[str, Any]:
    """Offer those who own the number of an unrecognised caller, else the fields of a new card."""
    name, phone = asked.get("new-name", ""), asked.get("new-phone", "")
    if asked.get("patient") or not (name or phone):
        return {}
    if phone and (rows := find_patients(text=phone, limit=HITS)):
        return {"text": phone, "rows": rows}
    today = today_at(request.branch, now=now)
    return {"newcomer": NewcomerForm(initial={"name": name, "phone": phone}, today=today)}


def _context(
    request: StaffRequest, form: BookingForm, asked: Mapping[str, str], *, now: datetime
) -> dict[str, Any]:
    patient_id = form.read_number("patient")
    guest = meet_guest(request, patient_id, now=now) if patient_id else None
    return (
        {"form": form, "guest": guest}
        | _offers(request, asked, now=now)
        | _proposals(request, asked, now=now)
    )


def _proposals(request: StaffRequest, asked: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What to say aloud; at the branch of the top bar, or anywhere in its city."""
    branch, wishes = request.branch, WishForm(asked)
    number = read_number(str(asked.get("service") or "")) or 0
    service = Service.objects.filter(pk=number, is_active=True).first()
    context: dict[str, Any] = {
        "wishes": wishes,
        "parts": DayPart.choices,
        "weekdays": WEEKDAYS,
        "is_alone": not has_neighbours(branch),
        "proposed_for": service,
    }
    if service is None:
        return context
    since = day_bounds(branch, wishes.since_day)[0] if wishes.since_day else now
    query = SlotQuery(
        service_id=service.pk,
        patient_id=read_number(str(asked.get("patient") or "")),
        owners=(name_owner(request.user.pk),),
        from_at=max(since, now),
        until_at=now,
    )
    query = wishes.narrow(query, branch=branch)
    return context | {"proposed": list_spoken_times(query=query, branch=branch, now=now)}


def _offers(request: StaffRequest, asked: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What is free for the service chosen so far, and whether the chosen time is."""
    branch = find_place(asked, default=request.branch)
    form = BookingForm(asked, branch=branch)
    form.is_valid()
    given = form.cleaned_data
    service, employee = given.get("service"), given.get("employee")
    on = given.get("on") or today_at(branch, now=now)
    if service is None:
        return {"service": None, "place": branch}
    query = SlotQuery(
        service_id=service.pk,
        branch_id=branch.pk,
        employee_id=employee.pk if employee else None,
        patient_id=given.get("patient"),
        owners=(name_owner(request.user.pk),),
        from_at=now,
        until_at=now,
    )
    context = {
        "service": service,
        "place": branch,
        "on": on,
        "offers": list_day_offers(query=query, branch=branch, on=on, now=now),
        "payer": find_payer(patient_id=given.get("patient"), service_id=service.pk, now=now),
    }
    return context | _verdict(request, form, now=now)


def _verdict(request: StaffRequest, asked: BookingForm, *, now: datetime) -> dict[str, Any]:
    """How long it takes and what it costs; for a chosen time also whether it can be had."""
    given, moment = asked.cleaned_data, asked.moment
    service, employee = given["service"], given.get("employee")
    terms = get_terms(service_id=service.pk, employee_id=employee.pk if employee else None)
    context: dict[str, Any] = {"terms": terms}
    if employee is None or moment is None:
        return context
    context["quote"] = quote_price(
        terms=terms,
        employee_id=employee.pk,
        patient_id=given.get("patient"),
        starts_at=moment,
    )
    wish = Wish(
        service_id=service.pk,
        employee_id=employee.pk,
        branch_id=asked.branch.pk,
        patient_id=given.get("patient"),
        starts_at=moment,
        ends_at=moment + terms.duration,
        owners=(name_owner(request.user.pk),),
    )
    obstacle = foresee_refusal(wish=wish, now=now)
    is_rule = isinstance(obstacle, RuleBroken)
    return context | {"wish": wish, "obstacle": obstacle, "is_rule": is_rule}


def _advice(request: StaffRequest, refusal: Refused) -> dict[str, Any]:
    return {
        "refusal": refusal,
        "is_waivable": isinstance(refusal, RuleBroken),
        "candidates": refusal.candidates if isinstance(refusal, LooksKnown) else [],
        "alternatives": read_alternatives(refusal),
    }
