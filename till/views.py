import csv
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from io import StringIO
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from appointments.models import PaymentMethod
from clinic.days import today_at
from clinic.formats import format_moment, format_money
from clinic.http import StaffRequest, address_of
from clinic.queries import list_branches
from clinic.toasts import toast
from outbox.errors import Refused
from patients.actions import record_accesses, record_listing
from patients.models import AccessAction
from till.actions import close_till, open_till
from till.forms import KIND_NAMES, CloseForm, OpenForm, RowsForm, TillForm
from till.models import TillShift
from till.queries import (
    ANY_MONEY,
    IN,
    OUT,
    Row,
    TillFilter,
    access_shift,
    count_expected,
    describe_rows,
    list_counts,
    list_rows,
    read_till,
)

ON_PAGE = 50
MOST_EXPORTED = 100_000


@require_safe
def till(request: StaffRequest) -> HttpResponse:
    """What came in and went back, by way of paying, purpose and employee; the counts of cash."""
    now = timezone.now()
    form = _read_form(request)
    wanted = form.wanted
    opened = TillShift.objects.filter(branch=request.branch, closed_at__isnull=True).first()
    context = {
        "filters": form,
        "wanted": wanted,
        "till": read_till(wanted=wanted),
        "counts": list_counts(wanted=wanted, now=now),
        "kinds": KIND_NAMES,
        "opened": opened,
        "query": _query_of(request, form),
    }
    template = "till/till.html#till" if request.htmx else "till/till.html"
    return render(request, template, context)


@require_safe
@transaction.atomic
def rows(request: StaffRequest) -> HttpResponse:
    """The payments and refunds behind one figure."""
    form = _read_form(request)
    wanted = RowsForm(request.GET).narrow(form.wanted)
    page = Paginator(list_rows(wanted=wanted), ON_PAGE).get_page(request.GET.get("page"))
    shown = describe_rows(page.object_list)
    record_listing(
        patient_ids={row.patient.pk for row in shown},
        actor_id=request.user.pk,
        place="till:rows",
        ip=address_of(request),
        now=timezone.now(),
    )
    context = {
        "page": page,
        "rows": shown,
        "wanted": wanted,
        "kinds": KIND_NAMES,
        "title": _say_figure(wanted),
        "back": _query_of(request, form),
        "query": request.GET.urlencode(),
    }
    return render(request, "till/rows.html", context)


@require_safe
def export(request: StaffRequest) -> StreamingHttpResponse:
    """The rows as a table for a spreadsheet: UTF-8 with its mark, semicolons, decimal commas."""
    wanted = RowsForm(request.GET).narrow(_read_form(request).wanted)
    with transaction.atomic():
        told = describe_rows(list_rows(wanted=wanted)[:MOST_EXPORTED])
        record_accesses(
            patient_ids={row.patient.pk for row in told},
            actor_id=request.user.pk,
            action=AccessAction.EXPORTED,
            place="till:export",
            ip=address_of(request),
            now=timezone.now(),
        )
    answer = StreamingHttpResponse(_write_csv(told), content_type="text/csv; charset=utf-8")
    name = f"till-{wanted.since:%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def open_shift(request: StaffRequest) -> HttpResponse:
    """Count the drawer of the branch one is at, and begin."""
    form = OpenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            open_till(
                branch_id=request.branch.pk,
                opening=form.cleaned_data["opening"],
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("opening", str(refusal))
        else:
            toast(request, _("The shift is open."))
            return HttpResponseClientRefresh()
    return render(request, "till/open.html", {"form": form}, status=_status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def close_shift(request: StaffRequest, shift_id: int) -> HttpResponse:
    """Count the drawer again: what should lie there is said only afterwards."""
    shift = access_shift(actor=request.user, shift_id=shift_id)
    form = CloseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = form.cleaned_data
        now = timezone.now()
        try:
            closed = close_till(
                shift_id=shift.pk,
                counted=told["counted"],
                note=told["note"],
                actor_id=request.user.pk,
                now=now,
            )
        except Refused as refusal:
            form.add_error("counted", str(refusal))
        else:
            toast(request, _say_closed(closed))
            return HttpResponseClientRefresh()
    context = {"form": form, "shift": shift}
    return render(request, "till/close.html", context, status=_status_of(form))


def _say_closed(shift: TillShift) -> str:
    counted = shift.counted or 0
    difference = counted - count_expected(shift, now=shift.closed_at or shift.opened_at)
    if difference > 0:
        more = {"sum": format_money(difference)}
        return _("The shift is closed. There is %(sum)s more than there should be.") % more
    if difference < 0:
        less = {"sum": format_money(-difference)}
        return _("The shift is closed. %(sum)s is missing.") % less
    return _("The shift is closed, and the cash is right.")


def _read_form(request: StaffRequest) -> TillForm:
    today = today_at(request.branch, now=timezone.now())
    branches = list_branches(user=request.user)
    return TillForm(request.GET.dict(), today=today, branches=branches, here=request.branch)


def _query_of(request: StaffRequest, form: TillForm) -> str:
    """The filters of the report alone: the days are written out, so that a link stays true."""
    kept = request.GET.copy()
    for name in list(kept):
        if name not in form.fields:
            del kept[name]
    wanted = form.wanted
    kept.setdefault("since", wanted.since.isoformat())
    kept.setdefault("until", form.data["until"] if "until" in kept else wanted.since.isoformat())
    kept.setdefault("branch", str(request.branch.pk))
    return kept.urlencode()


def _say_figure(wanted: TillFilter) -> str:
    flows = {IN: _("Taken"), OUT: _("Given back")}
    parts = [
        flows.get(wanted.flow, _("Taken and given back")),
        _say_way(wanted.method),
        str(KIND_NAMES[wanted.kind]) if wanted.kind else "",
    ]
    return ", ".join(part for part in parts if part)


def _say_way(method: str) -> str:
    if method == ANY_MONEY:
        return _("money")
    return str(PaymentMethod(method).label) if method else ""


def _write_csv(rows: Iterable[Row]) -> Iterator[str]:
    yield "\ufeff"
    heads = (_("When"), _("Branch"), _("Patient"), _("What for"), _("Way"), _("Sum"), _("Who"))
    yield _join([*heads, _("Reason")])
    for row in rows:
        yield _join(
            [
                format_moment(row.at, row.branch.zone),
                row.branch.name,
                row.patient.full_name,
                str(KIND_NAMES[row.kind]),
                row.method_label,
                f"{row.amount:.2f}".replace(".", ","),
                row.actor,
                row.reason,
            ]
        )


FORMULA = re.compile(r"[=+@\t\r]|-(?!\d+,\d\d$)")
"""How a cell begins that a spreadsheet may run; an amount with a minus is a number."""


def _join(cells: Iterable[str]) -> str:
    """One line; a cell that a spreadsheet would run as a formula is told to be text."""
    out = StringIO()
    line = [f"'{cell}" if FORMULA.match(cell) else cell for cell in cells]
    csv.writer(out, delimiter=";").writerow(line)
    return out.getvalue()


def _status_of(form: Any) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
