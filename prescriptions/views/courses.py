"""The list of course lines, and the specialist's own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.formats import format_roubles
from clinic.http import StaffRequest
from clinic.models import Employee
from clinic.names import fold
from prescriptions.forms import CourseFilterForm
from prescriptions.looks import LOOKS
from prescriptions.models import LineStatus
from prescriptions.queries import (
    CountedLine,
    LineFilter,
    StateCounts,
    count_states,
    filter_lines,
    in_order_of_need,
    is_overdue,
    list_lines,
    list_waiting,
)

PAGE_SIZE = 30


@dataclass(frozen=True)
class Row:
    """A line in a list: `steps` are its sessions as `done`, `ahead` or `missing`."""

    line: CountedLine
    steps: tuple[str, ...]
    is_overdue: bool


@dataclass(frozen=True)
class Tile:
    """A figure above the list that opens its rows."""

    figure: int
    label: str
    icon: str
    tone: str
    state: str
    is_current: bool
    note: str = ""


@require_safe
def courses(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    filters = CourseFilterForm(request.GET)
    filters.offer_colleagues(request.branch.pk)
    wanted = _read_filter(filters, branch_id=request.branch.pk)
    lines = list_lines(actor=request.user)
    found = in_order_of_need(filter_lines(lines, by=wanted, now=now))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    own = filter_lines(lines, by=LineFilter(branch_id=request.branch.pk), now=now)
    context = {
        "filters": filters,
        "page": page,
        "rows": describe(list(page.object_list), now=now),
        "tiles": _list_tiles(count_states(own, now=now), current=wanted.state),
        "is_narrowed": wanted != LineFilter(state="open", branch_id=request.branch.pk),
    }
    template = "prescriptions/courses.html#rows" if request.htmx else "prescriptions/courses.html"
    return render(request, template, context)


@require_safe
def my_lines(request: StaffRequest) -> HttpResponse:
    """What is handed to the specialist, and what waits for one at his branches."""
    now = timezone.now()
    me = Employee.objects.filter(user=request.user).first()
    lines = filter_lines(list_lines(actor=request.user), by=LineFilter(state="open"), now=now)
    mine = lines.filter(specialist=me) if me else lines.none()
    waiting = list_waiting(lines, for_employee=me) if me else lines.none()
    context = {
        "mine": describe(mine.order_by("next_at", "id"), now=now),
        "waiting": describe(in_order_of_need(waiting)[:PAGE_SIZE], now=now),
    }
    template = (
        "prescriptions/my_lines.html#lists" if request.htmx else "prescriptions/my_lines.html"
    )
    return render(request, template, context)


def describe(lines: Iterable[CountedLine], *, now: datetime) -> list[Row]:
    return [
        Row(line=line, steps=list_steps(line), is_overdue=is_overdue(line, now=now))
        for line in lines
    ]


def list_steps(line: CountedLine) -> tuple[str, ...]:
    """The sessions as they are drawn: taken place, in the schedule, not booked."""
    return (
        ("done",) * min(line.attended, line.sessions)
        + ("ahead",) * line.ahead
        + ("missing",) * (line.sessions - line.attended - line.ahead)
    )


def _read_filter(form: CourseFilterForm, *, branch_id: int) -> LineFilter:
    form.full_clean()
    told = form.cleaned_data
    doctor, specialist = told.get("doctor"), told.get("specialist")
    state = told.get("state") or "open"
    return LineFilter(
        state="" if state == "all" else state,
        branch_id=branch_id,
        doctor_id=doctor.pk if doctor else None,
        specialist_id=specialist.pk if specialist else None,
        kind=told.get("kind", ""),
        patient_key=fold(told.get("text", "")),
    )


def _list_tiles(counts: StateCounts, *, current: str) -> list[Tile]:
    money = _("%(sum)s not booked") % {"sum": format_roubles(counts.at_stake)}
    overdue = Tile(
        figure=counts.overdue,
        label=_("overdue"),
        icon="alarm",
        tone="danger" if counts.overdue else "success",
        state="overdue",
        is_current=current == "overdue",
        note=money if counts.overdue else "",
    )
    return [
        overdue,
        *(
            Tile(
                figure=counts.by_status.get(status, 0),
                label=str(status.label),
                icon=LOOKS[status].icon,
                tone=LOOKS[status].tone,
                state=status.value,
                is_current=current == status.value,
            )
            for status in LineStatus
        ),
    ]
