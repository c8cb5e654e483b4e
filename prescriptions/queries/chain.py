"""A chain of free times for the sessions that a line still lacks."""

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


@dataclass(frozen=True, kw_only=True)
class ChainWish:
    """From which day, at what time of the branch's clock, with whom (None: anyone)."""

    from_on: date
    clock: time
    employee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A proposed session. `gap_days` since the one before (None for the first of all)."""

    number: int
    slot: Slot
    gap_days: int | None
    is_late: bool


@dataclass(frozen=True)
class _Window:
    """Days between which a session should lie, both included."""

    first_on: date
    last_on: date


def propose_chain(*, line: PrescriptionLine, wish: ChainWish, now: datetime) -> list[Link]:
    """Return a free time for each missing session, as far as there are any.

    Each lies `every_min_days`–`every_max_days` after the one before; when there is none, the next
    possible, marked as late. The first follows what is booked already, for a repeat examination
    the rest of the course. Who takes the first session takes the others wherever he can.
    """
    progress = get_progress(line)
    before_on = _day_before(line)
    used_id = wish.employee_id
    links: list[Link] = []
    for number in range(progress.sessions - progress.missing + 1, progress.sessions + 1):
        window = _next_window(line, wish, before_on)
        slot = _find_slot(line, wish, window, used_id=used_id, now=now)
        if slot is None:
            break
        on = slot.starts_at.astimezone(line.prescription.branch.zone).date()
        gap_days = (on - before_on).days if before_on else None
        links.append(Link(number=number, slot=slot, gap_days=gap_days, is_late=on > window.last_on))
        before_on, used_id = on, used_id or slot.employee_id
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


def _find_slot(
    line: PrescriptionLine,
    wish: ChainWish,
    window: _Window,
    *,
    used_id: int | None,
    now: datetime,
) -> Slot | None:
    """Return the best slot of the window, else the best soon after it."""
    after = _Window(window.last_on + timedelta(days=1), window.last_on + LATE_BY)
    for days in (window, after):
        slots = _list_slots(line, wish, days, now=now)
        if slots:
            return min(
                slots,
                key=lambda slot: cost_of(
                    slot.starts_at.astimezone(line.prescription.branch.zone),
                    wish=datetime.combine(days.first_on, wish.clock),
                    is_other=used_id not in (None, slot.employee_id),
                ),
            )
    return None


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
