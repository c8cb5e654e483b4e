from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class TaskOpened(DomainEvent):
    name: ClassVar[str] = "worklist.TaskOpened"
    task_id: int


@dataclass(frozen=True, kw_only=True)
class TaskTaken(DomainEvent):
    """Somebody took the task from the common list; `subject_*` say what it is about."""

    name: ClassVar[str] = "worklist.TaskTaken"
    task_id: int
    employee_id: int
    subject_kind: str
    subject_id: int | None


@dataclass(frozen=True, kw_only=True)
class CallMade(DomainEvent):
    """The patient was called about a task; `outcome` is a `CallOutcome` code."""

    name: ClassVar[str] = "worklist.CallMade"
    task_id: int
    outcome: str


@dataclass(frozen=True, kw_only=True)
class TaskClosed(DomainEvent):
    """`status` is DONE or CANCELLED."""

    name: ClassVar[str] = "worklist.TaskClosed"
    task_id: int
    status: str
