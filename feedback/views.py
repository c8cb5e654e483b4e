from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from appointments.models import Appointment
from clinic.http import StaffRequest, close_dialog
from clinic.toasts import toast
from feedback.actions import (
    AlreadyAnswered,
    VisitNotFinished,
    answer_review,
    resolve_case,
    take_case,
)
from feedback.forms import AnswerFilters, AnswerForm, CaseFilters, ResolutionForm
from feedback.models import Answer, Case, CaseStatus
from feedback.queries import NPS_PERIOD, get_nps, list_answers, list_cases, list_review_sites
from messaging.models import LinkPurpose
from messaging.queries import LinkInvalid, open_link
from outbox.errors import Refused

PER_PAGE = 25
GROUPS = {"promoters": (9, 10), "passives": (7, 8), "detractors": (0, 6)}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, token: str) -> HttpResponse:
    """The patient's page: a number, a comment, then thanks and the public review sites."""
    now = timezone.now()
    try:
        link = open_link(token=token, purpose=LinkPurpose.REVIEW, now=now)
    except LinkInvalid as refusal:
        return _closed(request, refusal)
    visit = Appointment.objects.select_related("branch").get(pk=link.subject_id)
    if Answer.objects.filter(appointment=visit).exists():
        return _thanks(request, visit)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer_review(appointment_id=visit.pk, now=now, **form.cleaned_data)
        except AlreadyAnswered:
            return _thanks(request, visit)
        except VisitNotFinished as refusal:
            return _closed(request, refusal)
        return redirect(request.path)
    context = {"form": form, "visit": visit, "scores": range(11)}
    return render(request, "feedback/review.html", context, status=422 if form.errors else 200)


def _closed(request: HttpRequest, refusal: Refused) -> HttpResponse:
    context = {"refusal": refusal}
    return render(request, "feedback/review_closed.html", context, status=refusal.status)


def _thanks(request: HttpRequest, visit: Appointment) -> HttpResponse:
    sites = list_review_sites(branch_id=visit.branch_id)
    return render(request, "feedback/review_thanks.html", {"visit": visit, "sites": sites})


@require_GET
def cases(request: StaffRequest) -> HttpResponse:
    """Unhappy patients, the nearest deadline first, and the score that summarises all answers."""
    now = timezone.now()
    filters = CaseFilters(request.GET)
    found = list_cases(branch_id=request.branch.pk)
    if filters.is_valid():
        found = _narrow_cases(found, filters.cleaned_data, now=now)
    context = {
        "filters": filters,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "nps": get_nps(now=now, branch_id=request.branch.pk),
        "zone": request.branch.zone,
        "now": now,
    }
    return render(request, "feedback/cases.html" + ("#list" if request.htmx else ""), context)


def _narrow_cases(
    found: QuerySet[Case], chosen: dict[str, Any], *, now: datetime
) -> QuerySet[Case]:
    if chosen["status"]:
        found = found.filter(status=chosen["status"])
    else:
        found = found.exclude(status=CaseStatus.RESOLVED)
    if chosen["overdue"]:
        found = found.exclude(status=CaseStatus.RESOLVED).filter(due_at__lt=now)
    return found


@require_GET
def answers(request: StaffRequest) -> HttpResponse:
    """The answers behind the score."""
    filters = AnswerFilters(request.GET)
    found = list_answers(branch_id=request.branch.pk)
    if filters.is_valid():
        found = _narrow_answers(found, filters.cleaned_data, now=timezone.now())
    context = {
        "filters": filters,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "zone": request.branch.zone,
    }
    return render(request, "feedback/answers.html" + ("#list" if request.htmx else ""), context)


def _narrow_answers(
    found: QuerySet[Answer], chosen: dict[str, Any], *, now: datetime
) -> QuerySet[Answer]:
    if chosen["group"]:
        found = found.filter(score__range=GROUPS[chosen["group"]])
    if chosen["days"]:
        found = found.filter(answered_at__gt=now - NPS_PERIOD)
    if chosen["commented"]:
        found = found.exclude(comment="")
    return found


@require_POST
def case_take(request: StaffRequest, pk: int) -> HttpResponse:
    """Make the manager who pressed the button the owner of the case."""
    employee = getattr(request.user, "employee", None)
    get_object_or_404(Case, pk=pk)
    if employee is None:
        toast(
            request,
            _("Your account is not tied to an employee: ask for it."),
            level=messages.ERROR,
        )
    else:
        try:
            take_case(case_id=pk, employee_id=employee.pk)
        except Refused as refusal:
            toast(request, str(refusal), level=messages.ERROR)
    return redirect(reverse("feedback:cases"))


@require_http_methods(["GET", "POST"])
def case_resolve(request: StaffRequest, pk: int) -> HttpResponse:
    """A dialog that asks how it ended."""
    case = get_object_or_404(list_cases(), pk=pk)
    form = ResolutionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            resolve_case(
                case_id=pk, actor_id=request.user.pk, now=timezone.now(), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return close_dialog("cases-changed")
    context = {"form": form, "case": case, "zone": case.branch.zone}
    status = 422 if form.errors else 200
    return render(request, "feedback/case_resolve.html", context, status=status)
