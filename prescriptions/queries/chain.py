"""A chain of free times for the sessions that a line still lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Max

from appointments.models import LIVE
from appointments.queries import Slot, SlotQuery, list_free_slots
from prescriptions.models import LineStatus, PrescriptionLine
from prescriptions.queries.progress import get_progress

FIRST_WITHIN = timedelta(days=14)
"""How far ahead the first session is looked for."""

LATE_BY = timedelta(days=14)
"""How far past the longest interval a session is still looked for."""


OTHERS = 12
"""How many other times are offered for each session."""


@dataclass(frozen=True, kw_only=True)
class ChainWish:
    """From which day, at what time of the branch's clock, with whom (None: anyone)."""

    from_on: date
    clock: time
    employee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A proposed session: the best `slot` and a few `others` of the same window.

    `gap_days` counts from the one before (None for the first of all).
    """

    number: int
    slot: Slot
    others: tuple[Slot, ...]
    gap_days: int | None
    is_late: bool


@dataclass(frozen=True)
class _Window:
    """Days between which a session should lie, both included."""

    first_on: date
    last_on: date


def propose_chain(
    *, line: PrescriptionLine, wish: ChainWish, now: datetime, kept: Sequence[Slot] = ()
) -> list[Link]:
    """Return a free time for each missing session, as far as there are any.

    Each lies `every_min_days`–`every_max_days` after the one before; when there is none, the next
    possible, marked as late. The first follows what is booked already, for a repeat examination
    the rest of the course. Who takes the first session takes the others wherever he can. `kept`
    are times chosen for the first sessions; the rest follows them.
    """
    zone = line.prescription.branch.zone
    progress = get_progress(line)
    before_on = _day_before(line)
    used_id = wish.employee_id
    links: list[Link] = []
    for step in range(progress.missing):
        window = _next_window(line, wish, before_on)
        slots = _list_best(line, wish, window, used_id=used_id, now=now)
        chosen = kept[step] if step < len(kept) else next(iter(slots), None)
        if chosen is None:
            break
        on = chosen.starts_at.astimezone(zone).date()
        links.append(
            Link(
                number=progress.sessions - progress.missing + step + 1,
                slot=chosen,
                others=tuple(slot for slot in slots if slot != chosen)[:OTHERS],
                gap_days=(on - before_on).days if before_on else None,
                is_late=on > window.last_on,
            )
        )
        before_on, used_id = on, used_id or chosen.employee_id
    return links


def _day_before(line: PrescriptionLine) -> date | None:
    """Return the day from which the interval of the next session counts."""
    last_at = get_progress(line).last_at
    if line.is_repeat_exam and last_at is None:
        others = line.prescription.lines.exclude(pk=line.pk).exclude(status=LineStatus.DROPPED)
        last_at = others.filter(booked__appointment__status__in=LIVE).aggregate(
            at=Max("booked__appointment__starts_at")
        )["at"]
    return last_at.astimezone(line.prescription.branch.zone).date() if last_at else None


def _next_window(line: PrescriptionLine, wish: ChainWish, before_on: date | None) -> _Window:
    if before_on is None:
        return _Window(wish.from_on, wish.from_on + FIRST_WITHIN)
    first_on = max(wish.from_on, before_on + timedelta(days=line.every_min_days))
    return _Window(first_on, max(first_on, before_on + timedelta(days=line.every_max_days)))


def _list_best(
    line: PrescriptionLine,
    wish: ChainWish,
    window: _Window,
    *,
    used_id: int | None,
    now: datetime,
) -> list[Slot]:
    """Return the slots of the window, best first; when there are none, those soon after it."""
    zone = line.prescription.branch.zone
    after = _Window(window.last_on + timedelta(days=1), window.last_on + LATE_BY)
    for days in (window, after):
        wished = datetime.combine(days.first_on, wish.clock)
        slots = _list_slots(line, wish, days, now=now)
        if slots:
            return sorted(
                slots,
                key=lambda slot: cost_of(
                    slot.starts_at.astimezone(zone).replace(tzinfo=None),
                    wish=wished,
                    is_other=used_id not in (None, slot.employee_id),
                ),
            )
    return []


def cost_of(start: datetime, *, wish: datetime, is_other: bool) -> tuple[float, datetime]:
    """Return how far a start (on the branch's clock) is from what was wished, in hours.

    A day later weighs as much as two hours on the clock, another specialist as four.
    """
    days = (start.date() - wish.date()).days
    minutes = (start.hour - wish.hour) * 60 + start.minute - wish.minute
    return abs(minutes) / 60 + 2 * days + 4 * is_other, start


def _list_slots(
    line: PrescriptionLine, wish: ChainWish, days: _Window, *, now: datetime
) -> list[Slot]:
    branch = line.prescription.branch
    query = SlotQuery(
        service_id=line.service_id,
        branch_id=branch.pk,
        employee_id=wish.employee_id,
        patient_id=line.prescription.patient_id,
        from_at=datetime.combine(days.first_on, time.min, tzinfo=branch.zone),
        until_at=datetime.combine(days.last_on + timedelta(days=1), time.min, tzinfo=branch.zone),
        limit=3000,
    )
    return list_free_slots(query=query, now=now)
