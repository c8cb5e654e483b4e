from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.http import StaffRequest, address_of, close_dialog
from clinic.toasts import toast
from patients.actions import record_answers
from patients.forms.consents import ConsentForm
from patients.models import ConsentOrigin
from patients.queries import access_patient, list_consents, list_wordings
from patients.views.people import CHANGED


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: StaffRequest, patient_id: int) -> HttpResponse:
    """A dialog: each consent with its wording in the patient's language, and the answers."""
    patient = access_patient(actor=request.user, patient_id=patient_id)
    form = ConsentForm(
        request.POST if request.method == "POST" else None,
        states=list_consents(patient_id=patient.pk),
        wordings=list_wordings(language=patient.language),
    )
    context = {"form": form, "patient": patient, "zone": request.branch.zone}
    if request.method != "POST":
        return render(request, "patients/consents.html", context)
    if not form.is_valid():
        return render(request, "patients/consents.html", context, status=422)
    record_answers(
        patient_id=patient.pk,
        answers=form.read(),
        origin=ConsentOrigin.DESK,
        actor_id=request.user.pk,
        ip=address_of(request),
        now=timezone.now(),
    )
    toast(request, _("Saved."))
    return close_dialog(CHANGED)
