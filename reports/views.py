import csv
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.formats import format_moment
from clinic.http import StaffRequest, address_of
from patients.actions import record_accesses
from patients.models import AccessAction
from reports.forms import FunnelForm, RescueForm
from reports.queries.funnel import Step, list_newcomers, list_rows, read_funnel
from reports.queries.outcomes import STEPS
from reports.queries.rescue import STEPS as RESCUE_STEPS
from reports.queries.rescue import count_saved, list_freed, read_rescue
from reports.words import STEP_NAMES, is_outcome, name_outcome
from waitlist.models import Opening

ON_PAGE = 50


@require_safe
def funnel(request: StaffRequest) -> HttpResponse:
    """Requests → booked → came → came again, with the losses at each step."""
    now = timezone.now()
    form = FunnelForm(request.GET.dict(), today=timezone.localdate(now))
    wanted = form.wanted
    found = read_funnel(wanted=wanted, now=now)
    context = {
        "filters": form,
        "wanted": wanted,
        "funnel": found,
        "bars": draw_bars(found.steps),
        "newcomers": list(zip(STEPS, found.newcomers, strict=True)),
        "query": request.GET.urlencode(),
    }
    template = "reports/funnel.html#funnel" if request.htmx else "reports/funnel.html"
    return render(request, template, context)


def draw_bars(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Each step with its width in per cent of the widest, and the slope to the next."""
    widest = max((step.count for step in steps), default=0) or 1
    widths = [max(step.count * 100 / widest, 0.6) for step in steps]
    following = [*widths[1:], widths[-1]]
    return [
        {"step": step, "left": f"{50 - width / 2:.2f}", "width": f"{width:.2f}",
         "slope": slope_between(width, after)}
        for step, width, after in zip(steps, widths, following, strict=True)
    ]  # fmt: skip


def slope_between(upper: float, lower: float) -> str:
    """The points of the trapezium between two bars in a box of 100 × 10."""
    points = ((50 - upper / 2, 0), (50 + upper / 2, 0), (50 + lower / 2, 10), (50 - lower / 2, 10))
    return " ".join(f"{x:.2f},{y}" for x, y in points)


@require_safe
def funnel_rows(request: StaffRequest) -> HttpResponse:
    """The requests, or the newcomers, behind one figure of the funnel."""
    now = timezone.now()
    form = FunnelForm(request.GET.dict(), today=timezone.localdate(now))
    step = request.GET.get("step", STEPS[0])
    step = step if step in STEPS else STEPS[0]
    outcome = request.GET.get("outcome", "")
    outcome = outcome if is_outcome(outcome) else ""
    is_newcomers = request.GET.get("lane") == "newcomers"
    wanted = form.wanted
    rows: Any = (
        list_newcomers(wanted=wanted, step=step).select_related("branch", "source", "totals")
        if is_newcomers
        else list_rows(wanted=wanted, step=step, outcome=outcome, now=now)
    )
    page = Paginator(rows, ON_PAGE).get_page(request.GET.get("page"))
    shown = [row.pk if is_newcomers else row.patient_id for row in page.object_list]
    record_accesses(
        patient_ids=[patient_id for patient_id in shown if patient_id],
        actor_id=request.user.pk,
        action=AccessAction.LISTED,
        place="reports:funnel_rows",
        ip=address_of(request),
        now=now,
    )
    context = {
        "page": page,
        "title": name_outcome(outcome) if outcome else STEP_NAMES[step],
        "is_newcomers": is_newcomers,
        "wanted": wanted,
        "back": without(request, "step", "outcome", "lane", "page"),
    }
    return render(request, "reports/funnel_rows.html", context)


def without(request: StaffRequest, *names: str) -> str:
    """The filters of the address, those that chose the figure left out."""
    kept = request.GET.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()


@require_safe
def rescue(request: StaffRequest) -> HttpResponse:
    """Freed → offered → filled, the roubles saved, and how long it took."""
    form = RescueForm(request.GET.dict(), today=timezone.localdate(timezone.now()))
    context = {
        "filters": form,
        "rescue": read_rescue(wanted=form.asked),
        "query": request.GET.urlencode(),
    }
    template = "reports/rescue.html#rescue" if request.htmx else "reports/rescue.html"
    return render(request, template, context)


@require_safe
def rescue_rows(request: StaffRequest) -> HttpResponse:
    """The freed times behind one figure, on a page or, with `as=csv`, in a file."""
    form = RescueForm(request.GET.dict(), today=timezone.localdate(timezone.now()))
    step = request.GET.get("step", "")
    step = step if step in RESCUE_STEPS else RESCUE_STEPS[0]
    found = list_freed(wanted=form.asked, step=step).prefetch_related("offers__appointment")
    if request.GET.get("as") == "csv":
        return _write_freed(found)
    page = Paginator(found, ON_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, count_saved(one)) for one in page],
        "query": without(request, "page"),
        "back": without(request, "step", "page"),
    }
    return render(request, "reports/rescue_rows.html", context)


def _write_freed(found: Iterable[Opening]) -> HttpResponse:
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="freed-times.csv"'
    writer = csv.writer(response, delimiter=";")
    writer.writerow(
        [_("Time"), _("Doctor"), _("Branch"), _("Why it is free"), _("Outcome"), _("Freed"),
         _("Offers"), _("Saved, roubles")]
    )  # fmt: skip
    for one in found:
        writer.writerow(
            [
                format_moment(one.starts_at, one.branch.zone),
                one.employee.short_name,
                one.branch.name,
                one.get_cause_display(),
                one.get_status_display(),
                format_moment(one.freed_at, one.branch.zone),
                len(one.offers.all()),
                count_saved(one),
            ]
        )
    return response
