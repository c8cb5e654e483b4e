"""Facts of the domain, and who reacts to them.

An app declares its facts in `events.py` and its reactions in `handlers.py`; both are found when
Django starts, so that a delivery stored by one release is understood by the next.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

EVENTS: dict[str, type["DomainEvent"]] = {}
HANDLERS: dict[str, dict[str, "Handler"]] = {}


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """A fact in the past tense: ids, codes, flags; never a name, a phone or a text.

    `patient_id` is whose timeline the fact belongs to; None for facts about no one patient.
    """

    name: ClassVar[str] = ""
    patient_id: int | None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.name or EVENTS.get(cls.name, cls).__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.__qualname__} needs a name of its own")
        EVENTS[cls.name] = cls

    def payload(self) -> dict[str, Any]:
        """Return the fields as JSON values, `patient_id` left out: it has a column of its own."""
        fields = asdict(self)
        del fields["patient_id"]
        return fields


E = TypeVar("E", bound=DomainEvent)
Handler = Callable[[Any, datetime], None]


def on(event: type[E]) -> Callable[[Callable[[E, datetime], None]], Callable[[E, datetime], None]]:
    """Register a reaction. Its dotted path is stored with each delivery: a rename is a migration.

    The reaction runs at least once and takes effect exactly once as long as it writes only to
    our database: its writes and the mark "done" commit together.
    """

    def register(handler: Callable[[E, datetime], None]) -> Callable[[E, datetime], None]:
        path = f"{handler.__module__}.{handler.__qualname__}"
        HANDLERS.setdefault(event.name, {})[path] = handler
        return handler

    return register
