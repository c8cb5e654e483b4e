"""Who sees which task, and what stands in a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404

from clinic.access import ANY_ROLE, plays
from clinic.models import Role, User
from patients.models import ContactKind, ContactPoint
from worklist.models import Task, TaskStatus

STATES = ("open", "overdue", "today", "later", "closed")
SEES_ALL = frozenset({Role.ADMINISTRATOR, Role.MANAGER})


def access_task(*, actor: User, task_id: int) -> Task:
    """Return the task if the actor may work on it: reception and managers any, others their own.

    Raises `Http404` for someone without a role, `PermissionDenied` for a colleague.
    """
    task = Task.objects.select_related("patient", "branch", "assignee").filter(pk=task_id).first()
    if task is None or not plays(actor, ANY_ROLE):
        raise Http404
    if not list_tasks_for(actor=actor).filter(pk=task_id).exists():
        raise PermissionDenied
    return task


def list_tasks_for(*, actor: User) -> QuerySet[Task]:
    """Return the tasks that the actor may work on, in no particular order."""
    tasks = Task.objects.select_related("patient", "branch", "assignee")
    if plays(actor, SEES_ALL):
        return tasks
    return tasks.filter(Q(role=actor.role) | Q(assignee__user=actor))


@dataclass(frozen=True, kw_only=True)
class TaskFilter:
    """What the list is narrowed to; an empty field narrows nothing.

    `state` is `open`, `overdue`, `today` (due by the end of the day and not overdue), `later` or
    `closed`; `free_only` leaves out what somebody has taken. Tasks of no branch are everybody's.
    """

    state: str = "open"
    kind: str = ""
    branch_id: int | None = None
    assignee_id: int | None = None
    free_only: bool = False
    patient_key: str = ""


def filter_tasks(
    tasks: QuerySet[Task], *, by: TaskFilter, day_end: datetime, now: datetime
) -> QuerySet[Task]:
    """Narrow the tasks; open ones come by term, closed ones the newest first."""
    exact = {
        "kind": by.kind,
        "assignee": by.assignee_id,
        "patient__name_key__contains": by.patient_key,
    }
    tasks = tasks.filter(**{name: value for name, value in exact.items() if value})
    if by.branch_id:
        tasks = tasks.filter(Q(branch=by.branch_id) | Q(branch=None))
    if by.free_only:
        tasks = tasks.filter(assignee=None)
    if by.state == "closed":
        return tasks.exclude(status=TaskStatus.OPEN).order_by("-closed_at", "-id")
    return tasks.filter(_due(by.state, day_end, now), status=TaskStatus.OPEN).order_by(
        "due_at", "id"
    )


def _due(state: str, day_end: datetime, now: datetime) -> Q:
    match state:
        case "overdue":
            return Q(due_at__lt=now)
        case "today":
            return Q(due_at__gte=now, due_at__lt=day_end)
        case "later":
            return Q(due_at__gte=day_end)
        case _:
            return Q()


@dataclass(frozen=True, kw_only=True)
class TaskCounts:
    """Open tasks by term, and how many were closed since the day began."""

    overdue: int
    today: int
    later: int
    closed_today: int


def count_tasks(
    tasks: QuerySet[Task], *, branch_id: int, day: tuple[datetime, datetime], now: datetime
) -> TaskCounts:
    """Count the tasks of a branch; `day` is its begin and end."""
    day_start, day_end = day

    def count(state: str) -> Count:
        return Count("pk", filter=_due(state, day_end, now) & Q(status=TaskStatus.OPEN))

    own = tasks.filter(Q(branch=branch_id) | Q(branch=None)).order_by()
    open_or_today = own.filter(Q(status=TaskStatus.OPEN) | Q(closed_at__gte=day_start))
    return TaskCounts(
        **open_or_today.aggregate(
            overdue=count("overdue"),
            today=count("today"),
            later=count("later"),
            closed_today=Count("pk", filter=Q(status=TaskStatus.DONE)),
        )
    )


def find_phones(patient_ids: Iterable[int]) -> dict[int, str]:
    """Return the main phone of each patient who has one."""
    main = ContactPoint.objects.filter(
        patient__in=set(patient_ids), kind=ContactKind.PHONE, is_primary=True
    )
    return dict(main.values_list("patient", "value"))
