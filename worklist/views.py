from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.days import day_bounds, today_at
from clinic.formats import format_moment
from clinic.http import StaffRequest, close_dialog
from clinic.models import Employee
from clinic.names import fold
from clinic.toasts import toast
from outbox.errors import Refused
from worklist.actions import (
    finish_task,
    postpone_task,
    record_call,
    release_task,
    reopen_task,
    take_task,
)
from worklist.forms import (
    LATER_CHOICES,
    CallForm,
    PostponeForm,
    ResultForm,
    TaskFilterForm,
    read_later,
)
from worklist.models import Task
from worklist.queries import (
    TaskCounts,
    TaskFilter,
    access_task,
    count_tasks,
    filter_tasks,
    find_phones,
    list_tasks_for,
)
from worklist.steps import STEPS, Step

PAGE_SIZE = 30
CHANGED = "tasks-changed"


@dataclass(frozen=True)
class Line:
    """A task in the list, with what the row says besides."""

    task: Task
    phone: str
    step: Step | None
    address: str
    is_overdue: bool
    is_mine: bool


@dataclass(frozen=True)
class Tile:
    """A figure above the list that opens its rows."""

    figure: int
    label: str
    icon: str
    tone: str
    state: str
    is_current: bool


@require_safe
def tasks(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    day = day_bounds(request.branch, today_at(request.branch, now=now))
    filters = TaskFilterForm(request.GET)
    wanted = _read_filter(filters, request)
    own = list_tasks_for(actor=request.user)
    found = filter_tasks(own, by=wanted, day_end=day[1], now=now)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    counts = count_tasks(own, branch_id=request.branch.pk, day=day, now=now)
    context = {
        "filters": filters,
        "page": page,
        "lines": _describe(list(page.object_list), request, now=now),
        "tiles": _list_tiles(counts, current=wanted.state),
        "is_narrowed": wanted != TaskFilter(branch_id=request.branch.pk),
        "later_choices": LATER_CHOICES,
    }
    template = "worklist/tasks.html#rows" if request.htmx else "worklist/tasks.html"
    return render(request, template, context)


def _read_filter(form: TaskFilterForm, request: StaffRequest) -> TaskFilter:
    form.full_clean()
    told = form.cleaned_data
    me = Employee.objects.filter(user=request.user).first()
    return TaskFilter(
        state=told.get("state") or "open",
        kind=told.get("kind", ""),
        branch_id=request.branch.pk,
        assignee_id=(me.pk if me else 0) if told.get("whose") == "mine" else None,
        free_only=told.get("whose") == "free",
        patient_key=fold(told.get("text", "")),
    )


def _describe(tasks: list[Task], request: StaffRequest, *, now: datetime) -> list[Line]:
    phones = find_phones(task.patient_id for task in tasks)
    return [
        Line(
            task=task,
            phone=phones.get(task.patient_id, ""),
            step=(step := STEPS.get(task.kind)),
            address=step.address(task) if step else "",
            is_overdue=task.status == Task.Status.OPEN and task.due_at < now,
            is_mine=task.assignee is not None and task.assignee.user_id == request.user.pk,
        )
        for task in tasks
    ]


def _list_tiles(counts: TaskCounts, *, current: str) -> list[Tile]:
    tiles = [
        (counts.overdue, _("overdue"), "alarm", "danger" if counts.overdue else "success"),
        (counts.today, _("today"), "checklist", "accent"),
        (counts.later, _("later"), "calendar-time", "neutral"),
        (counts.closed_today, _("done today"), "checks", "success"),
    ]
    states = ("overdue", "today", "later", "closed")
    return [
        Tile(*tile, state=state, is_current=state == current)
        for tile, state in zip(tiles, states, strict=True)
    ]


@require_POST
def task_take(request: StaffRequest, task_id: int) -> HttpResponse:
    access_task(actor=request.user, task_id=task_id)
    me = Employee.objects.filter(user=request.user).first()
    if me is None:
        toast(request, _("Your account is not an employee's."), level=messages.ERROR)
        return close_dialog(CHANGED)
    return _do(
        request,
        lambda now: take_task(
            task_id=task_id, employee_id=me.pk, actor_id=request.user.pk, now=now
        ),
    )


@require_POST
def task_release(request: StaffRequest, task_id: int) -> HttpResponse:
    access_task(actor=request.user, task_id=task_id)
    return _do(request, lambda now: release_task(task_id=task_id))


@require_POST
def task_postpone(request: StaffRequest, task_id: int) -> HttpResponse:
    access_task(actor=request.user, task_id=task_id)
    form = PostponeForm(request.POST)
    if not form.is_valid():
        return close_dialog(CHANGED)
    now = timezone.now()
    due_at = read_later(form.cleaned_data["later"], zone=request.branch.zone, now=now)
    said = _("Postponed until %(moment)s.") % {"moment": format_moment(due_at, request.branch.zone)}
    return _do(
        request, lambda now: postpone_task(task_id=task_id, due_at=due_at, now=now), said=said
    )


@require_http_methods(["GET", "HEAD", "POST"])
def task_call(request: StaffRequest, task_id: int) -> HttpResponse:
    task = access_task(actor=request.user, task_id=task_id)
    form = CallForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        now = timezone.now()
        report = form.report(zone=request.branch.zone, now=now)
        try:
            task = record_call(task_id=task_id, report=report, actor_id=request.user.pk, now=now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, _("The call is written down."), undo=_undo_of(task))
            return close_dialog(CHANGED)
    return _show(request, "worklist/task_call.html", task, form)


@require_http_methods(["GET", "HEAD", "POST"])
def task_finish(request: StaffRequest, task_id: int) -> HttpResponse:
    task = access_task(actor=request.user, task_id=task_id)
    form = ResultForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            task = finish_task(
                task_id=task_id,
                result=form.cleaned_data["result"].strip(),
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, _("The task is done."), undo=_undo_of(task))
            return close_dialog(CHANGED)
    return _show(request, "worklist/task_finish.html", task, form)


@require_POST
def task_reopen(request: StaffRequest, task_id: int) -> HttpResponse:
    access_task(actor=request.user, task_id=task_id)
    return _do(request, lambda now: reopen_task(task_id=task_id, actor_id=request.user.pk, now=now))


def _undo_of(task: Task) -> str:
    is_open = task.status == Task.Status.OPEN
    return "" if is_open else reverse("worklist:task_reopen", args=[task.pk])


def _show(
    request: StaffRequest, template: str, task: Task, form: CallForm | ResultForm
) -> HttpResponse:
    context = {"task": task, "form": form, "phone": find_phones([task.patient_id])}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, template, context, status=status)


def _do(
    request: StaffRequest, change: Callable[[datetime], Task], *, said: str = ""
) -> HttpResponse:
    """Make one change and have the list draw itself anew; a refusal is said in a note."""
    try:
        change(timezone.now())
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
    else:
        if said:
            toast(request, said)
    return close_dialog(CHANGED)
