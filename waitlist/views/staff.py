"""The waiting list for reception: who waits, putting on, changing, taking off."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.queries import access_appointment
from clinic.days import today_at
from clinic.formats import format_number, format_roubles
from clinic.http import StaffRequest, close_dialog, read_number
from clinic.models import Branch, Employee
from clinic.names import fold
from clinic.toasts import toast
from outbox.errors import Refused
from patients.doors import note_shown
from patients.queries import access_patient
from waitlist.actions import change_entry, join_waitlist, resume_entry, withdraw_entry
from waitlist.forms import (
    USUAL_TERM,
    JoinForm,
    TermsForm,
    WaitlistFilterForm,
    WithdrawForm,
    describe_terms,
)
from waitlist.models import EntryStatus
from waitlist.queries import (
    OFFERED,
    EntryFilter,
    Overview,
    access_entry,
    filter_entries,
    find_free_now,
    get_overview,
    list_entries,
    list_offers_of,
)
from waitlist.words import describe_points, describe_wish

PAGE_SIZE = 30
MOST_FREE = 8
CHANGED = "waitlist-changed"


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A figure that opens its rows."""

    figure: str
    label: str
    icon: str
    tone: str
    href: str
    note: str = ""
    is_current: bool = False


@require_safe
def waiting_list(request: StaffRequest) -> HttpResponse:
    """Who waits for what, and since when."""
    now = timezone.now()
    filters = WaitlistFilterForm(request.GET)
    wanted = _read_filter(filters)
    found = filter_entries(list_entries(), by=wanted)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = [entry.patient_id for entry in page]
    note_shown(request, patient_ids=shown, actor=request.user, now=now)
    context = {
        "filters": filters,
        "page": page,
        "rows": [(entry, describe_wish(entry)) for entry in page],
        "is_narrowed": wanted != EntryFilter(state=EntryStatus.WAITING),
        "now": now,
    }
    if not request.htmx:
        context["tiles"] = _list_tiles(get_overview(now=now), wanted)
    template = "waitlist/list.html"
    return render(request, f"{template}#rows" if request.htmx else template, context)


def _read_filter(form: WaitlistFilterForm) -> EntryFilter:
    form.full_clean()
    told = form.cleaned_data
    state = told.get("state") or EntryStatus.WAITING
    return EntryFilter(
        state="" if state == "all" else state,
        service_id=told.get("service"),
        employee_id=told.get("whom"),
        branch_id=told.get("branch"),
        patient_key=fold(told.get("text", "")),
    )


def _list_tiles(overview: Overview, wanted: EntryFilter) -> list[Tile]:
    month = _("in 30 days")
    page = reverse("waitlist:list")
    return [
        Tile(
            figure=format_number(overview.waiting),
            label=_("wait"),
            icon="hourglass",
            tone="accent",
            href=page,
            is_current=wanted.state == EntryStatus.WAITING,
        ),
        Tile(
            figure=format_number(overview.offered),
            label=_("have an offer to answer"),
            icon="alarm",
            tone="warning" if overview.offered else "neutral",
            href=reverse("waitlist:offers"),
            is_current=wanted.state == OFFERED,
        ),
        Tile(
            figure=format_number(overview.filled),
            label=_("freed times filled"),
            icon="calendar-check",
            tone="success",
            href=f"{page}?state=BOOKED",
            note=month,
            is_current=wanted.state == EntryStatus.BOOKED,
        ),
        Tile(
            figure=format_roubles(overview.saved),
            label=_("saved by them"),
            icon="cash",
            tone="success",
            href=f"{page}?state=BOOKED",
            note=month,
        ),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """A dialog from the list, the card, the booking dialog and a visit (`?earlier=`)."""
    now = timezone.now()
    if request.method != "POST":
        form = JoinForm(initial=_read_origin(request, now=now))
        return _show_join(request, form)
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _show_join(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    order = form.read()
    access_patient(actor=request.user, patient_id=order.patient_id)
    if order.earlier_than_id is not None:
        access_appointment(actor=request.user, appointment_id=order.earlier_than_id)
    try:
        join_waitlist(order=order, actor_id=request.user.pk, now=now)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _show_join(request, form, status=HTTPStatus.CONFLICT)
    toast(request, _("On the waiting list: we will write when a time is free."))
    return close_dialog(CHANGED)


def _read_origin(request: StaffRequest, *, now: datetime) -> dict[str, Any]:
    """What the address says: a patient, a service and a doctor, or the visit to be earlier."""
    today = today_at(request.branch, now=now)
    told: dict[str, Any] = {
        "relative": request.GET.get("patient", ""),
        "service": request.GET.get("service", ""),
        "until_on": today + USUAL_TERM,
        "branches": [request.branch.pk],
        "key": uuid4(),
    }
    employee = read_number(request.GET.get("employee", ""))
    if employee is not None:
        told["whom"] = f"e:{employee}"
    earlier = read_number(request.GET.get("earlier", ""))
    if earlier is not None:
        visit = access_appointment(actor=request.user, appointment_id=earlier)
        last = visit.starts_at.astimezone(visit.branch.zone).date()
        told |= {
            "relative": visit.patient_id,
            "service": visit.service_id,
            "whom": f"e:{visit.employee_id}",
            "branches": [visit.branch_id],
            "until_on": max(last, today),
            "earlier": visit.pk,
        }
    return told


def _show_join(request: StaffRequest, form: JoinForm, *, status: int = 200) -> HttpResponse:
    patient_id = read_number(str(form["relative"].value() or ""))
    patient = access_patient(actor=request.user, patient_id=patient_id) if patient_id else None
    earlier = read_number(str(form["earlier"].value() or ""))
    visit = (
        access_appointment(actor=request.user, appointment_id=earlier)
        if earlier is not None
        else None
    )
    context = {"form": form, "patient": patient, "visit": visit}
    return render(request, "waitlist/join.html", context, status=status)


@require_safe
def free_now(request: StaffRequest) -> HttpResponse:
    """What is free already for what is wished so far: then nobody has to wait."""
    wanted = JoinForm(request.GET).read_wanted()
    slots = (
        find_free_now(order=wanted, by_patient=False, now=timezone.now(), limit=MOST_FREE)
        if wanted
        else []
    )
    branches = Branch.objects.in_bulk({slot.branch_id for slot in slots})
    doctors = Employee.objects.in_bulk({slot.employee_id for slot in slots})
    rows = [(slot, branches[slot.branch_id], doctors[slot.employee_id]) for slot in slots]
    context = {"rows": rows, "entry": wanted.entry if wanted else None}
    return render(request, "waitlist/free_now.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: StaffRequest, entry_id: int) -> HttpResponse:
    """One wish: what it is, what was offered and why, and changing it."""
    found = access_entry(actor=request.user, entry_id=entry_id)
    form = TermsForm(
        request.POST if request.method == "POST" else None,
        initial=describe_terms(found),
        service_id=found.service_id,
    )
    if form.is_valid():
        try:
            change_entry(
                entry_id=entry_id,
                terms=form.read_terms(),
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, _("The wish is changed."))
            return close_dialog(CHANGED)
    offers = [(offer, describe_points(offer.points)) for offer in list_offers_of(entry=found)]
    context = {
        "entry": found,
        "wish": describe_wish(found),
        "form": form,
        "offers": offers,
        "is_waiting": found.status == EntryStatus.WAITING,
    }
    return render(request, "waitlist/entry.html", context, status=_status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: StaffRequest, entry_id: int) -> HttpResponse:
    found = access_entry(actor=request.user, entry_id=entry_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            withdraw_entry(
                entry_id=entry_id,
                reason=form.cleaned_data["reason"],
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            undo = reverse("waitlist:resume", args=[entry_id])
            toast(request, _("Taken off the waiting list."), undo=undo)
            return close_dialog(CHANGED)
    context = {"entry": found, "form": form}
    return render(request, "waitlist/withdraw.html", context, status=_status_of(form))


@require_POST
def resume(request: StaffRequest, entry_id: int) -> HttpResponse:
    access_entry(actor=request.user, entry_id=entry_id)
    try:
        resume_entry(entry_id=entry_id, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
    else:
        toast(request, _("Waits on, at the old place."))
    return close_dialog(CHANGED)


def _status_of(form: forms.Form) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
