"""What happens to a task: opened once, taken, called about, postponed, closed.

A task closes by evidence wherever there is any (`close_tasks`, `close_tasks_of_patient`, called
by the app that saw the evidence); a person closes the rest (`finish_task`, `record_call`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from outbox.actions import record_event
from outbox.errors import Refused
from worklist.events import CallMade, TaskClosed, TaskOpened, TaskTaken
from worklist.models import CallOutcome, Task

CALL_AGAIN_AFTER = timedelta(hours=2)
"""How long a patient who did not pick up is left alone."""


class TaskNotOpen(Refused):
    code = "task_not_open"
    message = _("This task is already closed. Refresh the list.")


class TaskTakenByOther(Refused):
    code = "task_taken"
    message = _("A colleague has already taken this task.")


class DueInPast(Refused):
    code = "due_in_past"
    message = _("Choose a time that is still ahead.")


@dataclass(frozen=True, kw_only=True)
class TaskOrder:
    """What to open. `source` says what asked for it; the same source opens one task ever."""

    kind: str
    patient_id: int
    branch_id: int | None
    role: str
    source: str
    due_at: datetime
    assignee_id: int | None = None
    note: str = ""
    subject_kind: str = ""
    subject_id: int | None = None


@transaction.atomic
def open_task(*, order: TaskOrder, actor_id: int | None, now: datetime) -> Task:
    """Open the task, or return the one that the same `source` opened before."""
    task, is_new = Task.objects.get_or_create(
        source=order.source,
        defaults={
            "kind": order.kind,
            "patient_id": order.patient_id,
            "branch_id": order.branch_id,
            "role": order.role,
            "assignee_id": order.assignee_id,
            "note": order.note[:500],
            "subject_kind": order.subject_kind,
            "subject_id": order.subject_id,
            "due_at": order.due_at,
            "created_at": now,
        },
    )
    if is_new:
        opened = TaskOpened(patient_id=task.patient_id, task_id=task.pk)
        record_event(opened, actor_id=actor_id, now=now)
    return task


@transaction.atomic
def take_task(*, task_id: int, employee_id: int, actor_id: int | None, now: datetime) -> Task:
    """Put an employee's name on an open task. Taking it twice is harmless.

    Raises `TaskNotOpen`, `TaskTakenByOther`.
    """
    task = _lock_open(task_id)
    if task.assignee_id == employee_id:
        return task
    if task.assignee_id is not None:
        raise TaskTakenByOther
    task.assignee_id = employee_id
    task.save(update_fields=["assignee"])
    taken = TaskTaken(
        patient_id=task.patient_id,
        task_id=task.pk,
        employee_id=employee_id,
        subject_kind=task.subject_kind,
        subject_id=task.subject_id,
    )
    record_event(taken, actor_id=actor_id, now=now)
    return task


@transaction.atomic
def release_task(*, task_id: int) -> Task:
    """Give a task back to the common list. Raises `TaskNotOpen`."""
    task = _lock_open(task_id)
    task.assignee_id = None
    task.save(update_fields=["assignee"])
    return task


@transaction.atomic
def postpone_task(*, task_id: int, due_at: datetime, now: datetime) -> Task:
    """Set a new term. Raises `TaskNotOpen`, `DueInPast`."""
    task = _lock_open(task_id)
    if due_at <= now:
        raise DueInPast
    task.due_at = due_at
    task.save(update_fields=["due_at"])
    return task


@dataclass(frozen=True, kw_only=True)
class CallReport:
    """How a call went; `again_at` is when to call again and is read only where that follows."""

    outcome: str
    note: str = ""
    again_at: datetime | None = None


@transaction.atomic
def record_call(*, task_id: int, report: CallReport, actor_id: int | None, now: datetime) -> Task:
    """Write down how a call went, and let the task follow from it.

    NO_ANSWER and CALL_LATER leave it open until `again_at` (two hours on when not given); AGREED
    and REFUSED close it. Raises `TaskNotOpen`, `DueInPast`.
    """
    task = _lock_open(task_id)
    outcome = CallOutcome(report.outcome)
    task.attempts += 1
    made = CallMade(patient_id=task.patient_id, task_id=task.pk, outcome=outcome.value)
    record_event(made, actor_id=actor_id, now=now)
    result = f"{outcome.label}: {report.note}" if report.note else str(outcome.label)
    if outcome in {CallOutcome.AGREED, CallOutcome.REFUSED}:
        _close(task, status=Task.Status.DONE, result=result, actor_id=actor_id, now=now)
        return task
    due_at = report.again_at or now + CALL_AGAIN_AFTER
    if due_at <= now:
        raise DueInPast
    task.due_at, task.result = due_at, result[:500]
    task.save(update_fields=["attempts", "due_at", "result"])
    return task


@transaction.atomic
def finish_task(*, task_id: int, result: str, actor_id: int | None, now: datetime) -> Task:
    """Close a task as done. The same person repeating the same result is harmless.

    Raises `TaskNotOpen` when it was closed otherwise.
    """
    task = _lock(task_id)
    if task.status == Task.Status.DONE and (task.closed_by_id, task.result) == (actor_id, result):
        return task
    if task.status != Task.Status.OPEN:
        raise TaskNotOpen
    _close(task, status=Task.Status.DONE, result=result, actor_id=actor_id, now=now)
    return task


@transaction.atomic
def reopen_task(*, task_id: int, actor_id: int | None, now: datetime) -> Task:
    """Undo a closing made by mistake. An open task stays as it is."""
    task = _lock(task_id)
    if task.status == Task.Status.OPEN:
        return task
    task.status, task.closed_at, task.closed_by_id = Task.Status.OPEN, None, None
    task.save(update_fields=["status", "closed_at", "closed_by"])
    opened = TaskOpened(patient_id=task.patient_id, task_id=task.pk)
    record_event(opened, actor_id=actor_id, now=now)
    return task


@transaction.atomic
def close_tasks(
    *,
    subject_kind: str,
    subject_id: int,
    kinds: Collection[str],
    result: str,
    status: str,
    actor_id: int | None,
    now: datetime,
) -> int:
    """Close by evidence every open task about the subject; return how many there were."""
    tasks = Task.objects.filter(subject_kind=subject_kind, subject_id=subject_id, kind__in=kinds)
    return _close_all(tasks, status=status, result=result, actor_id=actor_id, now=now)


@transaction.atomic
def close_tasks_of_patient(
    *, patient_id: int, kinds: Collection[str], result: str, actor_id: int | None, now: datetime
) -> int:
    """Close as done every open task of these kinds about the patient, whatever its subject."""
    tasks = Task.objects.filter(patient_id=patient_id, kind__in=kinds)
    return _close_all(tasks, status=Task.Status.DONE, result=result, actor_id=actor_id, now=now)


def _close_all(
    tasks: models.QuerySet[Task], *, status: str, result: str, actor_id: int | None, now: datetime
) -> int:
    locked = tasks.filter(status=Task.Status.OPEN).order_by("id").select_for_update(no_key=True)
    found = list(locked)
    for task in found:
        _close(task, status=status, result=result, actor_id=actor_id, now=now)
    return len(found)


def _close(task: Task, *, status: str, result: str, actor_id: int | None, now: datetime) -> None:
    task.status, task.result = status, result[:500]
    task.closed_at, task.closed_by_id = now, actor_id
    task.save(update_fields=["status", "result", "closed_at", "closed_by", "attempts"])
    closed = TaskClosed(patient_id=task.patient_id, task_id=task.pk, status=status)
    record_event(closed, actor_id=actor_id, now=now)


def _lock(task_id: int) -> Task:
    return Task.objects.select_for_update(of=("self",), no_key=True).get(pk=task_id)


def _lock_open(task_id: int) -> Task:
    task = _lock(task_id)
    if task.status != Task.Status.OPEN:
        raise TaskNotOpen
    return task
