"""A patient chooses another time for his visit: it is held until he says yes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from appointments.actions.holds import HoldOrder, hold_slot
from appointments.actions.releasing import release_holds
from appointments.actions.rules import check_cutoff
from appointments.actions.status import NotUpcoming, VisitBegan
from appointments.models import UPCOMING, Appointment, Hold
from appointments.queries import list_bundle, name_mover
from outbox.errors import Refused


def hold_move(*, appointment_id: int, starts_at: datetime, now: datetime) -> datetime | None:
    """Hold the time to which the patient wants to move the visit, with all its services.

    `starts_at` is the new start of the first service still ahead. Returns until when it is held;
    None where the visit would overlap the time it has now, which is the patient's already and
    which the move itself checks. What he chose before is let go. Raises `NotUpcoming`,
    `VisitBegan`, `CutoffPassed` and what `hold_slot` raises; then nothing is held.
    """
    rows = [row for row in list_bundle(appointment_id=appointment_id) if row.status in UPCOMING]
    _check(rows, now=now)
    shift = starts_at - rows[0].starts_at
    _let_go(rows, now=now)
    if _overlaps_itself(rows, shift):
        return None
    try:
        # One transaction each: nobody waits for the others' locks, nor for the alternatives.
        held = [_hold(row, row.starts_at + shift, now=now) for row in rows]
    except Refused:
        _let_go(rows, now=now)
        raise
    return min(hold.expires_at for hold in held)


def drop_move(*, appointment_id: int, now: datetime) -> None:
    """Let go of the time that was held for the moving of the visit."""
    _let_go(list_bundle(appointment_id=appointment_id), now=now)


def _check(rows: Sequence[Appointment], *, now: datetime) -> None:
    if not rows:
        raise NotUpcoming
    for row in rows:
        if row.starts_at <= now:
            raise VisitBegan
        check_cutoff(row, now=now)


def _let_go(rows: Sequence[Appointment], *, now: datetime) -> None:
    release_holds([name_mover(row.pk) for row in rows], now=now)


def _overlaps_itself(rows: Sequence[Appointment], shift: timedelta) -> bool:
    begins = min(row.starts_at - row.buffer_before for row in rows)
    ends = max(row.ends_at + row.buffer_after for row in rows)
    return abs(shift) < ends - begins


def _hold(row: Appointment, starts_at: datetime, *, now: datetime) -> Hold:
    order = HoldOrder(
        owner=name_mover(row.pk),
        service_id=row.service_id,
        employee_id=row.employee_id,
        branch_id=row.branch_id,
        starts_at=starts_at,
        by_patient=True,
    )
    return hold_slot(order=order, actor_id=None, now=now)
