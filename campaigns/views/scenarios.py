from datetime import datetime, timedelta

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns.actions import change_scenario, start_scenario, stop_scenario
from campaigns.forms.scenarios import (
    RunFilters,
    ScenarioForm,
    StartForm,
    StepFormSet,
    as_initial,
    list_texts,
)
from campaigns.models import Run, Scenario
from campaigns.queries.explain import explain_scenario, list_runs_of
from campaigns.queries.scenarios import get_scenario_view, list_scenarios, list_steps
from clinic.http import StaffRequest, close_dialog, read_number
from clinic.toasts import toast
from outbox.errors import Refused
from patients.doors import note_shown, open_patient
from patients.queries import find_patients, sees_contacts

PER_PAGE = 25
MOST_FOUND = 8


@require_GET
def scenarios(request: StaffRequest) -> HttpResponse:
    """The map of communications: every scenario, its steps, and what they did in 30 days."""
    context = {"scenarios": list_scenarios(now=timezone.now())}
    return render(request, "campaigns/scenarios.html", context)


@require_http_methods(["GET", "POST"])
def scenario(request: StaffRequest, pk: int) -> HttpResponse:
    """One scenario: whom it takes, its steps, who is on the way, and why someone is not."""
    now = timezone.now()
    found = get_object_or_404(Scenario.objects.select_related("segment"), pk=pk)
    taken = {"segment": found.segment_id, "pause_days": found.pause_days}
    form = ScenarioForm(request.POST or None, initial=taken)
    steps = StepFormSet(
        request.POST or None,
        initial=as_initial(list_steps(found)),
        form_kwargs={"texts": list_texts(purpose=found.purpose)},
        prefix="steps",
    )
    is_valid = request.method == "POST" and form.is_valid() and steps.is_valid()
    if is_valid and _save(form, steps, found, now=now):
        toast(request, _("Saved. Patients already on their way keep the old steps."))
        return redirect("campaigns:scenario", pk)
    view = get_scenario_view(scenario=Scenario.objects.get(pk=pk), now=now)
    context = {"view": view, "form": form, "steps": steps, "start": StartForm()}
    status = 422 if request.method == "POST" else 200
    return render(request, "campaigns/scenario.html", context, status=status)


def _save(form: ScenarioForm, steps: StepFormSet, found: Scenario, *, now: datetime) -> bool:
    segment = form.cleaned_data["segment"]
    try:
        change_scenario(
            scenario_id=found.pk,
            segment_id=segment.pk if segment else None,
            pause_days=form.cleaned_data["pause_days"],
            steps=steps.as_inputs(trigger=found.trigger),
            now=now,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@require_http_methods(["GET", "POST"])
def scenario_start(request: StaffRequest, pk: int) -> HttpResponse:
    """A dialog that asks whom to take, then switches the scenario on."""
    found = get_object_or_404(Scenario, pk=pk)
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        since = now - timedelta(days=form.cleaned_data["days_back"])
        start_scenario(scenario_id=pk, since=since, now=now)
        toast(request, _("The scenario is running."))
        return close_dialog("page-changed")
    return render(request, "campaigns/scenario_start.html", {"form": form, "scenario": found})


@require_POST
def scenario_stop(request: StaffRequest, pk: int) -> HttpResponse:
    """Switch a scenario off; what waits in its name is held back."""
    get_object_or_404(Scenario, pk=pk)
    stop_scenario(scenario_id=pk)
    toast(request, _("The scenario is off. Texts that were waiting will not be sent."))
    return redirect("campaigns:scenario", pk)


@require_GET
def scenario_runs(request: StaffRequest, pk: int) -> HttpResponse:
    """The patients behind the counts."""
    found = get_object_or_404(Scenario, pk=pk)
    filters = RunFilters(request.GET)
    runs = Run.objects.filter(scenario=found).select_related("patient").order_by("-started_at")
    if filters.is_valid() and filters.cleaned_data["status"]:
        runs = runs.filter(status=filters.cleaned_data["status"])
    page = Paginator(runs, PER_PAGE).get_page(request.GET.get("page"))
    shown = [run.patient_id for run in page.object_list]
    note_shown(request, patient_ids=shown, actor=request.user, now=timezone.now())
    context = {
        "scenario": found,
        "filters": filters,
        "page": page,
        "zone": request.branch.zone,
    }
    template = "campaigns/scenario_runs.html" + ("#list" if request.htmx else "")
    return render(request, template, context)


@require_GET
def scenario_why(request: StaffRequest, pk: int) -> HttpResponse:
    """Why a patient is, or is not, in the scenario: type a name, choose, read the conditions."""
    found = get_object_or_404(Scenario.objects.select_related("segment"), pk=pk)
    text = request.GET.get("q", "").strip()
    context: dict[str, object] = {"scenario": found, "q": text, "zone": request.branch.zone}
    now, chosen = timezone.now(), read_number(request.GET.get("patient", ""))
    if chosen is not None:
        patient = open_patient(request, patient_id=chosen, actor=request.user, now=now)
        context["patient"] = patient
        context["findings"] = explain_scenario(scenario=found, patient=patient, now=now)
        context["runs"] = list_runs_of(scenario=found, patient=patient)
    elif text:
        by_part_of_phone = sees_contacts(request.user)
        found_people = find_patients(text=text, limit=MOST_FOUND, by_part_of_phone=by_part_of_phone)
        shown = [person.id for person in found_people]
        note_shown(request, patient_ids=shown, actor=request.user, now=now)
        context["found"] = found_people
    page = "campaigns/scenario_why.html" + ("#result" if request.htmx else "")
    return render(request, page, context)
