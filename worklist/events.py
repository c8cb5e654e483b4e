from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class TaskOpened(DomainEvent):
    name: ClassVar[str] = "worklist.TaskOpened"
    task_id: int


@dataclass(frozen=True, kw_only=True)
class TaskClosed(DomainEvent):
    """`status` is DONE or CANCELLED."""

    name: ClassVar[str] = "worklist.TaskClosed"
    task_id: int
    status: str
