"""Who is asked first about a freed time, and why. What is stored with an offer is this sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from appointments.models import PatientTotals
from clinic.queries import Terms, get_terms
from prescriptions.models import PrescriptionLine
from prescriptions.queries import LineFilter, filter_lines, with_progress
from waitlist.models import Entry, Opening
from waitlist.queries.candidates import Candidate

DAY = timedelta(days=1)

DOCTOR = 15
NARROW = 5
FILLS = 10
MOST_WAIT = 30
ROUBLES_OF_A_POINT = 500
MOST_VALUE = 20
OVERDUE = 20
MOST_OVERDUE = 30
NO_SHOW = 5
MOST_NO_SHOWS = 3


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """One who waits, with what he would take and pay, and the points that make his rank."""

    entry: Candidate
    terms: Terms
    points: Mapping[str, int]

    @property
    def score(self) -> int:
        return sum(self.points.values())


def rank(entries: Sequence[Candidate], *, opening: Opening, now: datetime) -> list[Ranked]:
    """Put those who could take the freed time in order, the first to be asked first.

    The rank is a sum of whole points, so that a person can add it up. No study gives the weights;
    they are ours, and each part stands for a reason:

    fit, at most 40: `doctor` 15 for whoever asked for this very doctor; `narrow` 5 for each of
    branch, weekdays and hours that the wish names: who can take few times goes before who can take
    any, which fills more of them in all (serve the least flexible first); `fills` up to 10, the
    part of the freed time that the visit fills: leave no useless gap.
    `wait`, at most 30: a point for each whole day on the list. Nobody waits for ever behind others.
    `value`, at most 20: a point for each 500 roubles of the visit. Half for whoever only comes
    earlier: he brings no new visit, but an emptier chair later.
    `overdue`, at most 30: 20 for a course session of the service that is late, and a point for each
    day that it is. A broken course loses its effect and its other sessions.
    `no_shows`, down to −15: 5 less for each of the last missed visits, at most three.

    Of equals whoever came onto the list first.
    """
    facts = _gather(entries, opening=opening, now=now)
    ranked = [
        Ranked(
            entry=entry,
            terms=facts.terms[entry.service_id],
            points=_count_points(entry, opening, facts, now=now),
        )
        for entry in entries
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.entry.created_at, one.entry.pk))


class Facts(NamedTuple):
    """What the rank is made of besides the wish: `late` is since when a course session is."""

    terms: Mapping[int, Terms]
    missed: Mapping[int, int]
    late: Mapping[tuple[int, int], datetime]


def _gather(entries: Sequence[Candidate], *, opening: Opening, now: datetime) -> Facts:
    patients = [entry.patient_id for entry in entries]
    totals = PatientTotals.objects.filter(pk__in=patients)
    return Facts(
        terms={
            service_id: get_terms(service_id=service_id, employee_id=opening.employee_id)
            for service_id in {entry.service_id for entry in entries}
        },
        missed=dict(totals.values_list("patient_id", "no_shows")),
        late=_find_late(patients, now=now),
    )


def _count_points(
    entry: Candidate, opening: Opening, facts: Facts, *, now: datetime
) -> dict[str, int]:
    terms = facts.terms[entry.service_id]
    missed = min(facts.missed.get(entry.patient_id, 0), MOST_NO_SHOWS)
    counted = {
        **_fit(entry, opening, terms.duration),
        "wait": min((now - entry.created_at) // DAY, MOST_WAIT),
        "value": _value(entry, terms.price),
        "overdue": _overdue(facts.late.get((entry.patient_id, entry.service_id)), now=now),
        "no_shows": -NO_SHOW * missed,
    }
    return {name: points for name, points in counted.items() if points}


def _fit(entry: Candidate, opening: Opening, duration: timedelta) -> dict[str, int]:
    named = [
        entry.names_branches,
        bool(entry.weekdays),
        entry.from_clock > time.min or entry.until_clock is not None,
    ]
    length = opening.ends_at - opening.starts_at
    return {
        "doctor": DOCTOR if entry.employee_id else 0,
        "narrow": NARROW * sum(named),
        "fills": round(FILLS * min(duration / length, 1)),
    }


def _value(entry: Entry, price: Decimal) -> int:
    points = min(int(price / ROUBLES_OF_A_POINT), MOST_VALUE)
    return points // 2 if entry.earlier_than_id else points


def _overdue(late_since: datetime | None, *, now: datetime) -> int:
    if late_since is None:
        return 0
    return min(OVERDUE + (now - late_since) // DAY, MOST_OVERDUE)


def _find_late(patients: Sequence[int], *, now: datetime) -> dict[tuple[int, int], datetime]:
    """Since when a session is late, by patient and service."""
    lines = with_progress(PrescriptionLine.objects.filter(prescription__patient__in=patients))
    found: dict[tuple[int, int], datetime] = {}
    for line in filter_lines(lines, by=LineFilter(state="overdue"), now=now).select_related(
        "prescription"
    ):
        key = line.prescription.patient_id, line.service_id
        found[key] = min(found.get(key, line.book_by_at), line.book_by_at)
    return found
