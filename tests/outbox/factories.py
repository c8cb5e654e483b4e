"""A fact of the tests and handlers that write nothing but a diary of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from outbox.events import HANDLERS, DomainEvent

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class KettleBoiled(DomainEvent):
    name: ClassVar[str] = "tests.KettleBoiled"
    cups: int


@contextmanager
def reacting(**reactions: Callable[[KettleBoiled, datetime], None]) -> Iterator[None]:
    """Handlers for the time of a test, by the paths they would be stored under."""
    HANDLERS[KettleBoiled.name] = dict(reactions)
    try:
        yield
    finally:
        del HANDLERS[KettleBoiled.name]
