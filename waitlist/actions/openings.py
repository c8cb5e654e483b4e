"""Which events free a time, and what is written down of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from appointments.actions.locks import lock_diary
from appointments.models import UPCOMING, Appointment, CancelReason
from clinic.models import Shift
from waitlist.models import Cause, Entry, EntryStatus, Opening, OpeningStatus
from waitlist.queries import soonest_start

SHORTEST = timedelta(minutes=10)
"""Less than this is no time for anything."""

SLIP = timedelta(hours=1)
"""A booking by mistake taken back within this had taken nobody's time."""


@dataclass(frozen=True, kw_only=True)
class Freed:
    """A time that has become free. `appointment_id` and `price` are of the visit that left it."""

    employee_id: int
    branch_id: int
    starts_at: datetime
    ends_at: datetime
    cause: Cause
    appointment_id: int | None = None
    price: Decimal | None = None


@transaction.atomic
def free_cancelled(*, appointment_id: int, now: datetime) -> Opening | None:
    """Write down the time of a cancelled visit.

    None frees nothing: the visit stands again, its doctor is absent, or it was booked by mistake a
    moment ago.
    """
    visit = Appointment.objects.get(pk=appointment_id)
    is_slip = visit.cancel_reason == CancelReason.MISTAKE and now - visit.created_at < SLIP
    is_absence = visit.cancel_reason == CancelReason.DOCTOR_ABSENT
    if visit.status != Appointment.Status.CANCELLED or is_slip or is_absence:
        return None
    return _write_down(_left_by(visit, Cause.CANCELLED, visit.starts_at, visit.ends_at), now=now)


@transaction.atomic
def free_left(
    *,
    appointment_id: int,
    employee_id: int | None,
    starts_at: datetime,
    ends_at: datetime | None,
    now: datetime,
) -> list[Opening]:
    """Write down what a moved visit left behind: of a small shift only what it no longer covers.

    Old events do not say when the visit ended: then it was as long as it is now.
    """
    visit = Appointment.objects.get(pk=appointment_id)
    ends_at = ends_at or starts_at + (visit.ends_at - visit.starts_at)
    left = [(starts_at, ends_at)]
    if visit.status in UPCOMING and visit.employee_id == (employee_id or visit.employee_id):
        left = _subtract(starts_at, ends_at, visit)
    freed = [
        _left_by(visit, Cause.MOVED, start, end, employee_id=employee_id) for start, end in left
    ]
    return [opening for one in freed if (opening := _write_down(one, now=now)) is not None]


@transaction.atomic
def free_shift(
    *, employee_id: int, branch_id: int, starts_at: datetime, ends_at: datetime, now: datetime
) -> Opening | None:
    """Offer a new shift to those who wait. Nobody has lost it, so nobody waiting frees nothing."""
    if not _is_awaited(employee_id):
        return None
    freed = Freed(
        employee_id=employee_id,
        branch_id=branch_id,
        starts_at=starts_at,
        ends_at=ends_at,
        cause=Cause.SHIFT,
    )
    return _write_down(freed, now=now)


@transaction.atomic
def free_returned(
    *, employee_id: int, starts_at: datetime, ends_at: datetime, now: datetime
) -> Sequence[Opening]:
    """Offer the shifts that an absence no longer cuts to those who wait."""
    if not _is_awaited(employee_id):
        return ()
    shifts = Shift.objects.filter(
        employee=employee_id, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).order_by("starts_at")
    freed = [
        Freed(
            employee_id=employee_id,
            branch_id=shift.branch_id,
            starts_at=max(shift.starts_at, starts_at),
            ends_at=min(shift.ends_at, ends_at),
            cause=Cause.RETURNED,
        )
        for shift in shifts
    ]
    return [opening for one in freed if (opening := _write_down(one, now=now)) is not None]


def _left_by(
    visit: Appointment,
    cause: Cause,
    starts_at: datetime,
    ends_at: datetime,
    *,
    employee_id: int | None = None,
) -> Freed:
    return Freed(
        employee_id=employee_id or visit.employee_id,
        branch_id=visit.branch_id,
        starts_at=starts_at,
        ends_at=ends_at,
        cause=cause,
        appointment_id=visit.pk,
        price=visit.price,
    )


def _subtract(
    starts_at: datetime, ends_at: datetime, visit: Appointment
) -> list[tuple[datetime, datetime]]:
    """Return what of the period the visit does not cover."""
    pieces = [
        (starts_at, min(ends_at, visit.starts_at)),
        (max(starts_at, visit.ends_at), ends_at),
    ]
    if visit.ends_at <= starts_at or visit.starts_at >= ends_at:
        return [(starts_at, ends_at)]
    return [(start, end) for start, end in pieces if end - start >= SHORTEST]


def _is_awaited(employee_id: int) -> bool:
    return Entry.objects.filter(status=EntryStatus.WAITING, service__employees=employee_id).exists()


def _write_down(freed: Freed, *, now: datetime) -> Opening | None:
    """Open the time, or look again at the one that is open for it. The past frees nothing."""
    if freed.ends_at <= soonest_start(notice=timedelta(0), now=now):
        return None
    lock_diary(employee_id=freed.employee_id)
    opening, is_new = Opening.objects.get_or_create(
        employee_id=freed.employee_id,
        branch_id=freed.branch_id,
        starts_at=freed.starts_at,
        ends_at=freed.ends_at,
        status=OpeningStatus.OPEN,
        defaults={
            "cause": freed.cause,
            "appointment_id": freed.appointment_id,
            "price": freed.price,
            "freed_at": now,
            "look_at": now,
        },
    )
    if not is_new:
        opening.look_at = now
        opening.save(update_fields=["look_at"])
    return opening
