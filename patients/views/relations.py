from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.http import StaffRequest, close_dialog, read_number
from clinic.toasts import toast
from outbox.errors import Refused
from patients.actions import relate_patients, separate_patients
from patients.doors import note_shown
from patients.forms.people import RelationForm
from patients.queries import access_patient, find_patients, list_visible_patients
from patients.views.people import CHANGED

FOUND = 8


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: StaffRequest, patient_id: int) -> HttpResponse:
    """A dialog: find the relative among the patients and say who it is."""
    patient = access_patient(actor=request.user, patient_id=patient_id)
    form = RelationForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "patient": patient}
    if request.method == "POST" and form.is_valid():
        relative_id = form.cleaned_data["relative"]
        access_patient(actor=request.user, patient_id=relative_id)
        try:
            relate_patients(
                patient_id=patient.pk,
                relative_id=relative_id,
                kind=form.cleaned_data["kind"],
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("relative", str(refusal))
        else:
            toast(request, _("Noted on both cards."))
            return close_dialog(CHANGED)
    status = 422 if request.method == "POST" else 200
    return render(request, "patients/relation.html", context, status=status)


@require_POST
def remove(request: StaffRequest, patient_id: int, relative_id: int) -> HttpResponse:
    """Forget that the two are related."""
    patient = access_patient(actor=request.user, patient_id=patient_id)
    separate_patients(
        patient_id=patient.pk,
        relative_id=relative_id,
        actor_id=request.user.pk,
        now=timezone.now(),
    )
    toast(request, _("The relation is removed from both cards."))
    return close_dialog(CHANGED)


@require_safe
def pick(request: StaffRequest) -> HttpResponse:
    """Patients to choose one from, for a dialog that needs somebody else."""
    text, oneself = request.GET.get("find", "")[:100], read_number(request.GET.get("not", ""))
    among = list_visible_patients(actor=request.user)
    if oneself is not None:
        among = among.exclude(pk=oneself)
    rows = find_patients(text=text, limit=FOUND, among=among)
    shown = [row.id for row in rows]
    note_shown(request, patient_ids=shown, actor=request.user, now=timezone.now())
    context = {"rows": rows, "text": text.strip()}
    return render(request, "patients/pick.html", context)
