from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.http import StaffRequest, close_dialog, read_numbers
from clinic.toasts import toast
from outbox.errors import Refused
from patients.actions import (
    LooksKnown,
    RefusalReasonMissing,
    change_patient,
    register_patient,
)
from patients.details import PatientDetails, details_of, seal_card
from patients.doors import open_patient
from patients.forms.people import (
    ContactForm,
    ContactFormSet,
    PersonForm,
    StatusForm,
    read_contacts,
)
from patients.models import Patient
from patients.queries import Candidate, access_patient, guess_person

FORM = "patients/person.html"
CHANGED = "patient-changed"


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Add a patient; whoever looks like a known one is asked about first."""
    now = timezone.now()
    if request.method != "POST":
        return _show_empty(request, now)
    form = PersonForm(request.POST, today=_today(request, now))
    contacts = ContactFormSet(request.POST, prefix="contacts")
    if not (form.is_valid() and contacts.is_valid()):
        return _show_again(request, form, contacts)
    seen = read_numbers(request.POST.getlist("not_same_as"))
    try:
        patient = register_patient(
            details=form.read(read_contacts(contacts), status="NONE", refusal_reason=""),
            not_same_as=seen,
            actor_id=request.user.pk,
            now=now,
        )
    except LooksKnown as refusal:
        return _show_again(request, form, contacts, candidates=refusal.candidates, seen=seen)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _show_again(request, form, contacts)
    toast(request, _("The patient is added."))
    return redirect("desk:card", patient.pk)


def _show_empty(request: StaffRequest, now: datetime) -> HttpResponse:
    guess = guess_person(request.GET.get("q", "")[:100])
    today = _today(request, now)
    names = {"last_name": guess.last_name, "first_name": guess.first_name}
    form = PersonForm(
        initial=names
        | {
            "middle_name": guess.middle_name,
            "birth_on": next((day for day in guess.dates if day <= today), None),
            "branch": request.branch.pk,
            "channel": "SMS",
            "language": "ru",
            "is_reachable": True,
        },
        today=today,
    )
    contacts = ContactFormSet(
        initial=[{"value": guess.number, "owner": "OWN"}] if guess.number else [],
        prefix="contacts",
    )
    return render(request, FORM, {"form": form, "contacts": contacts})


def _show_again(
    request: StaffRequest,
    form: PersonForm,
    contacts: "BaseFormSet[ContactForm]",
    *,
    patient: Patient | None = None,
    candidates: list[Candidate] | None = None,
    seen: set[int] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "contacts": contacts,
        "patient": patient,
        "candidates": candidates or [],
        "not_same_as": (seen or set()) | {one.row.id for one in candidates or []},
    }
    return render(request, FORM, context, status=409 if candidates else 422)


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def edit(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Change who the patient is and how to reach him."""
    now = timezone.now()
    today = _today(request, now)
    if request.method != "POST":
        patient = open_patient(request, patient_id=patient_id, actor=request.user, now=now)
        known = patient.contacts.order_by("-kind", "-is_primary", "id")
        context = {
            "patient": patient,
            "form": PersonForm(initial=PersonForm.initial_of(patient), today=today),
            "contacts": ContactFormSet(
                initial=[ContactForm.initial_of(contact) for contact in known], prefix="contacts"
            ),
        }
        return render(request, FORM, context)
    patient = access_patient(actor=request.user, patient_id=patient_id)
    form = PersonForm(request.POST, today=today)
    contacts = ContactFormSet(request.POST, prefix="contacts")
    if not (form.is_valid() and contacts.is_valid()):
        return _show_again(request, form, contacts, patient=patient)
    details = form.read(
        read_contacts(contacts), status=patient.status, refusal_reason=patient.refusal_reason
    )
    try:
        change_patient(
            patient_id=patient.pk,
            details=details,
            actor_id=request.user.pk,
            now=now,
            seen=form.cleaned_data["seen"] or None,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _show_again(request, form, contacts, patient=patient)
    toast(request, _("Saved."))
    return redirect("desk:card", patient.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def set_status(request: StaffRequest, patient_id: int) -> HttpResponse:
    """A dialog: what the patient thinks of coming, and why not."""
    patient = access_patient(actor=request.user, patient_id=patient_id)
    now = timezone.now()
    said = {"status": patient.status, "refusal_reason": patient.refusal_reason}
    form = StatusForm(request.POST or None, initial=said)
    context = {"form": form, "patient": patient}
    template = "patients/status.html"
    if request.method != "POST":
        return render(request, template, context)
    if form.is_valid() and _changes(form, patient, details_of(patient), request, now):
        toast(request, _("Saved."))
        return close_dialog(CHANGED)
    return render(request, template, context, status=422)


def _changes(
    form: StatusForm,
    patient: Patient,
    details: PatientDetails,
    request: StaffRequest,
    now: datetime,
) -> bool:
    try:
        change_patient(
            patient_id=patient.pk,
            details=replace(details, **form.cleaned_data),
            actor_id=request.user.pk,
            now=now,
            seen=seal_card(patient),
        )
    except RefusalReasonMissing as refusal:
        form.add_error("refusal_reason", str(refusal))
        return False
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _today(request: StaffRequest, now: datetime) -> date:
    return now.astimezone(request.branch.zone).date()
