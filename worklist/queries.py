"""Who sees which task, and what stands in a list."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from clinic.models import Role, User
from worklist.models import Task

SEES_ALL = frozenset({Role.ADMINISTRATOR, Role.MANAGER})


def access_task(*, actor: User, task_id: int) -> Task:
    """Return the task if the actor may work on it: reception and managers any, others their own.

    Raises `Http404` for someone without a role, `PermissionDenied` for a colleague.
    """
    task = Task.objects.select_related("patient", "branch", "assignee").filter(pk=task_id).first()
    if task is None or not actor.role:
        raise Http404
    if actor.role not in SEES_ALL and not list_tasks_for(actor=actor).filter(pk=task_id).exists():
        raise PermissionDenied
    return task


def list_tasks_for(*, actor: User) -> QuerySet[Task]:
    """Return the tasks that the actor may work on, in no particular order."""
    tasks = Task.objects.select_related("patient", "branch", "assignee")
    if actor.role in SEES_ALL:
        return tasks
    return tasks.filter(Q(role=actor.role) | Q(assignee__user=actor))


@dataclass(frozen=True, kw_only=True)
class TaskFilter:
    """What the list is narrowed to; an empty field narrows nothing.

    `when` is `overdue`, `today` (until `day_end`, overdue ones included), `later` or empty.
    """

    status: str = Task.Status.OPEN
    kind: str = ""
    when: str = ""
    branch_id: int | None = None
    assignee_id: int | None = None
    free_only: bool = False


def filter_tasks(
    tasks: QuerySet[Task], *, by: TaskFilter, day_end: datetime, now: datetime
) -> QuerySet[Task]:
    """Narrow the tasks; open ones come by term, closed ones newest first."""
    exact = {
        "status": by.status,
        "kind": by.kind,
        "branch_id": by.branch_id,
        "assignee_id": by.assignee_id,
    }
    tasks = tasks.filter(**{name: value for name, value in exact.items() if value})
    if by.free_only:
        tasks = tasks.filter(assignee__isnull=True)
    match by.when:
        case "overdue":
            tasks = tasks.filter(due_at__lt=now)
        case "today":
            tasks = tasks.filter(due_at__lt=day_end)
        case "later":
            tasks = tasks.filter(due_at__gte=day_end)
    if by.status == Task.Status.OPEN:
        return tasks.order_by("due_at", "id")
    return tasks.order_by("-closed_at", "-id")


@dataclass(frozen=True, kw_only=True)
class TaskCounts:
    """How many open tasks there are; `today` are those due by the end of the day, not overdue."""

    overdue: int
    today: int
    later: int

    @property
    def total(self) -> int:
        return self.overdue + self.today + self.later


def count_tasks(tasks: QuerySet[Task], *, day_end: datetime, now: datetime) -> TaskCounts:
    terms = list(tasks.filter(status=Task.Status.OPEN).values_list("due_at", flat=True))
    overdue = sum(term < now for term in terms)
    later = sum(term >= day_end for term in terms)
    return TaskCounts(overdue=overdue, today=len(terms) - overdue - later, later=later)
