"""When several services fit in a row, in words for the phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from appointments.queries import Bundle, BundleQuery, Slot, list_free_bundles
from clinic.days import today_at
from clinic.formats import format_clock
from clinic.models import Branch, Employee, Service
from desk.spoken import speak_time

WEEK, MONTH = timedelta(days=7), timedelta(days=31)
SEARCHED = 400
MOST = 6
OF_DAY = 2


@dataclass(frozen=True, kw_only=True)
class SpokenStep:
    clock: str
    service: str
    employee: str


@dataclass(frozen=True, kw_only=True)
class SpokenVisit:
    """A visit that fits. `value` is what is sent back to book it, `until` when it ends."""

    value: str
    said: str
    until: str
    steps: Sequence[SpokenStep]


def list_spoken_visits(*, query: BundleQuery, branch: Branch, now: datetime) -> list[SpokenVisit]:
    """Return the visits to propose within a week of `query.from_at`, else within a month.

    Of those that end at the same time the one that begins last: the patient waits least. At most
    two of a day, the second after the first is over. The dates and the limit of the query are set
    here.
    """
    for length in (WEEK, MONTH):
        wider = replace(query, until_at=query.from_at + length, limit=SEARCHED)
        found = _choose(list_free_bundles(query=wider, now=now), branch)
        if found:
            return _speak(found, query, branch, now=now)
    return []


def _choose(found: Iterable[Bundle], branch: Branch) -> list[Bundle]:
    days: dict[date, list[Bundle]] = {}
    for bundle in {bundle[-1].ends_at: bundle for bundle in found}.values():
        of_day = days.setdefault(bundle[0].starts_at.astimezone(branch.zone).date(), [])
        is_apart = not of_day or bundle[0].starts_at >= of_day[-1][-1].ends_at
        if is_apart and len(of_day) < OF_DAY:
            of_day.append(bundle)
    return [bundle for of_day in days.values() for bundle in of_day][:MOST]


def _speak(
    found: Sequence[Bundle], query: BundleQuery, branch: Branch, *, now: datetime
) -> list[SpokenVisit]:
    services = Service.objects.in_bulk({step.service_id for step in query.steps})
    employees = Employee.objects.in_bulk({slot.employee_id for bundle in found for slot in bundle})
    today = today_at(branch, now=now)
    return [
        SpokenVisit(
            value=",".join(_write(slot) for slot in bundle),
            said=speak_time(bundle[0].starts_at.astimezone(branch.zone), today=today),
            until=format_clock(bundle[-1].ends_at, branch.zone),
            steps=[
                SpokenStep(
                    clock=format_clock(slot.starts_at, branch.zone),
                    service=services[step.service_id].name,
                    employee=employees[slot.employee_id].short_name,
                )
                for slot, step in zip(bundle, query.steps, strict=True)
            ],
        )
        for bundle in found
    ]


def _write(slot: Slot) -> str:
    return f"{slot.employee_id} {slot.starts_at.isoformat()}"
