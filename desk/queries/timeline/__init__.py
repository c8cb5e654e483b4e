"""What happened with a patient, told from the stored events; newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from desk.queries.timeline import courses, outreach, packages, papers, visits, waiting
from desk.queries.timeline.facts import Fact, read_facts
from desk.queries.timeline.telling import MANNERS, Group
from outbox.models import Event

__all__ = [
    "MANNERS",
    "Group",
    "Line",
    "Page",
    "courses",
    "list_timeline",
    "outreach",
    "packages",
    "papers",
    "visits",
    "waiting",
]

PAGE = 25


@dataclass(frozen=True, kw_only=True)
class Line:
    """`actor` is the employee who did it; empty for the system and the patient."""

    at: datetime
    icon: str
    tone: str
    title: str
    text: str
    actor: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """`before` is the event that the next page goes back from; None at the beginning of time."""

    lines: Sequence[Line]
    before: int | None


def list_timeline(*, patient_id: int, group: str = "", before: int | None = None) -> Page:
    """Return a page of the patient's timeline, of one `Group` or of all.

    The events are read by the timeline's own index, and what they name with one query for each
    kind of thing on the page. Events that nobody tells (the middle of a visit, a session that is
    told as a booking) are left out.
    """
    told = [name for name, manner in MANNERS.items() if group in {"", manner.group}]
    events = Event.objects.filter(patient_id=patient_id, name__in=told)
    mark = Event.objects.filter(pk=before, patient_id=patient_id).first() if before else None
    if mark:
        at, number = mark.occurred_at, mark.pk
        events = events.filter(Q(occurred_at__lte=at) & (Q(occurred_at__lt=at) | Q(pk__lt=number)))
    found = list(events.order_by("-occurred_at", "-id")[: PAGE + 1])
    has_more, found = len(found) > PAGE, found[:PAGE]
    return Page(
        lines=[_tell(fact) for fact in read_facts(found)],
        before=found[-1].pk if has_more else None,
    )


def _tell(fact: Fact) -> Line:
    manner = MANNERS[fact.event.name]
    title, text = manner.tell(fact)
    return Line(
        at=fact.event.occurred_at,
        icon=manner.icon,
        tone=manner.tone,
        title=title,
        text=text,
        actor=fact.actor,
    )
