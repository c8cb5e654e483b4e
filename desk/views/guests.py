"""Who is booked: found, chosen or new, in the dialog of booking and in that of a whole visit."""

from datetime import datetime

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from clinic.days import today_at
from clinic.http import StaffRequest, address_of
from desk.forms.booking import NewcomerForm
from desk.queries.guests import Guest, access_guest
from patients.actions import record_access
from patients.doors import note_shown
from patients.models import AccessAction
from patients.queries import find_patients

HITS = 7


@require_safe
def find_guest(request: StaffRequest) -> HttpResponse:
    """The search for a patient; with a text, its results."""
    text = request.GET.get("q", "")[:100].strip()
    rows = find_patients(text=text, limit=HITS) if text else []
    shown = [row.id for row in rows]
    note_shown(request, patient_ids=shown, actor=request.user, now=timezone.now())
    template = "desk/booking/hits.html" if "q" in request.GET else "desk/booking/search.html"
    return render(request, template, {"rows": rows, "text": text})


@require_safe
def choose_guest(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Show who was chosen; the free times are then looked up for him."""
    guest = meet_guest(request, patient_id, now=timezone.now())
    response = render(request, "desk/booking/guest.html", {"guest": guest})
    return trigger_client_event(response, "guest-chosen", after="settle")


@require_safe
def show_newcomer(request: StaffRequest) -> HttpResponse:
    """The fields of a new patient, filled with what was searched for."""
    text = request.GET.get("q", "")[:100].strip()
    is_number = any(sign.isdigit() for sign in text)
    initial = {"phone": text} if is_number else {"name": text.title()}
    form = NewcomerForm(initial=initial, today=today_at(request.branch, now=timezone.now()))
    return render(request, "desk/booking/newcomer.html", {"newcomer": form})


def meet_guest(request: StaffRequest, patient_id: int, *, now: datetime) -> Guest:
    """Find the patient and write into the journal that the phone was seen."""
    with transaction.atomic():
        guest = access_guest(actor=request.user, patient_id=patient_id, now=now)
        record_access(
            patient_id=guest.patient.pk,
            actor_id=request.user.pk,
            action=AccessAction.OPENED,
            place="desk:booking",
            ip=address_of(request),
            now=now,
        )
    return guest
