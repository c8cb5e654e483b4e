"""How an event becomes a line of the timeline: each kind has a teller."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from appointments.models import Appointment
from clinic.formats import format_moment
from desk.queries.timeline.facts import Fact
from outbox.events import DomainEvent

Words = tuple[str, str]
"""The title of a line, and its details."""

Teller = Callable[[Fact], Words]


class Group(StrEnum):
    """What a reader may narrow the timeline to."""

    VISITS = "visits"
    MONEY = "money"
    OUTREACH = "outreach"
    WORK = "work"
    CARD = "card"


@dataclass(frozen=True, kw_only=True)
class Manner:
    tell: Teller
    group: Group
    icon: str
    tone: str


MANNERS: dict[str, Manner] = {}


def tells(
    event: type[DomainEvent], *, group: Group, icon: str, tone: str = "neutral"
) -> Callable[[Teller], Teller]:
    """Register how an event is told."""

    def register(teller: Teller) -> Teller:
        MANNERS[event.name] = Manner(tell=teller, group=group, icon=icon, tone=tone)
        return teller

    return register


def joined(*parts: object) -> str:
    """The parts that say something, with a dot between."""
    return " · ".join(str(part) for part in parts if part)


def when(at: datetime | None, visit: Appointment | None) -> str:
    """A moment on the wall of the branch of the visit."""
    return format_moment(at, visit.branch.zone) if at and visit else ""


def who_and_what(visit: Appointment | None) -> str:
    return joined(visit.service, visit.employee.short_name, visit.branch) if visit else ""
