from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.http import StaffRequest
from desk.forms.journal import JournalFilterForm
from desk.queries.journal import list_entries
from patients.models import Patient


@require_safe
def list_accesses(request: StaffRequest) -> HttpResponse:
    """Who opened whose card, when and from where."""
    form = JournalFilterForm(request.GET)
    wanted = form.read()
    patient = Patient.objects.filter(pk=wanted.patient_id).first() if wanted.patient_id else None
    zone = request.branch.zone
    context = {
        "page": list_entries(wanted=wanted, zone=zone),
        "filters": form,
        "patient": patient,
        "zone": zone,
    }
    template = "desk/journal.html"
    return render(request, f"{template}#rows" if request.htmx else template, context)
