"""Which times are free. The arithmetic is that of `free_time`: the same SQL lists slots and decides
a booking (`find_fit`), so what is offered can be booked.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from appointments.queries.free_time import (
    BEST_FILL,
    FIT,
    LONGEST_STRETCH,
    NEAREST,
    OF_DAYS,
    SOONEST,
)
from clinic.models import Service

NEVER = datetime.min.replace(tzinfo=UTC)


class SlotOrder(StrEnum):
    """What comes first.

    `BEST_FILL` puts first what keeps the schedule whole. A start leaves two pieces of the free
    stretch that it stands in (between shift edges, breaks, bookings with their buffers, what others
    hold): one ahead of the visit with its buffers, one behind it. A piece is of use if the shortest
    service that the employee offers fits into it, with buffers and at his own length; a shorter
    piece is waste. First comes the least waste (minutes of both pieces together), then the fewest
    pieces of use (none: the stretch is filled; one: the start stands beside something; two: it cuts
    the stretch), then the sooner start, then the lower number of the employee. A piece that begins
    now, and is too short to be of use, passes unused in any case and is no waste.
    """

    SOONEST = "soonest"
    BEST_FILL = "best_fill"


@dataclass(frozen=True, kw_only=True)
class SlotQuery:
    """What is looked for. Starts lie in `[from_at, until_at)`; None or empty means any.

    One employee or branch (`employee_id`, `branch_id`), or any of several; `position` is the
    specialty of the employee, as it is written on him, and `city` that of the branch. `weekdays`
    are from 1, Monday, to 7; they and `[clock_from, clock_until)` bound the start on the branch's
    clock.

    With `patient_id`, times when the patient is booked elsewhere are left out. `except_id` is an
    appointment that is about to move: its own time counts as free, and with its own employee it
    keeps its length. `by_patient` leaves only what a patient may book himself. What `owners` hold
    counts as free.
    """

    service_id: int
    from_at: datetime
    until_at: datetime
    branch_id: int | None = None
    branch_ids: tuple[int, ...] = ()
    city: str = ""
    employee_id: int | None = None
    employee_ids: tuple[int, ...] = ()
    position: str = ""
    weekdays: tuple[int, ...] = ()
    clock_from: time | None = None
    clock_until: time | None = None
    patient_id: int | None = None
    except_id: int | None = None
    by_patient: bool = False
    owners: tuple[str, ...] = ()
    order: SlotOrder = SlotOrder.SOONEST
    limit: int = 500


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A free interval; `room_id` is the room it would take, None when the service needs none."""

    employee_id: int
    branch_id: int
    room_id: int | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class DaySlot:
    """A slot among those of its employee on its day.

    `on` is the day on the branch's clock; `waste` what it would leave unusable; `by_fill` its place
    in the order of `SlotOrder.BEST_FILL` within the day, from 1.
    """

    slot: Slot
    on: date
    waste: timedelta
    by_fill: int


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One interval that somebody wants to book, or to move `except_id` to.

    `patient_id` None: for whom is not known yet.

    `room_id` demands that room; `kept_room_id` and `kept_device_id` only prefer. `by_patient`: the
    patient books it himself; `waived`: reception knows that the service is booked earlier or
    nearer, and does it. `owners` are the names under which whoever wishes may hold the time.
    """

    service_id: int
    employee_id: int
    branch_id: int
    patient_id: int | None
    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None
    kept_room_id: int | None = None
    kept_device_id: int | None = None
    except_id: int | None = None
    by_patient: bool = False
    waived: bool = False
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A wish can be had, in this room and with this device (None: the service needs none).

    The units are places in them, from 1.
    """

    room_id: int | None
    room_unit: int = 1
    device_id: int | None = None
    device_unit: int = 1


def list_free_slots(*, query: SlotQuery, now: datetime) -> list[Slot]:
    """Return the free slots in the order of the query, none of them in the past.

    Starts stand on the branch's clock, every half hour where a visit with its buffers fills half
    hours, else every quarter. At most `query.limit` come back.
    """
    if query.order == SlotOrder.BEST_FILL:
        rows = _select(BEST_FILL, query, now=now, margin=LONGEST_STRETCH)
    else:
        rows = _select(SOONEST, query, now=now)
    return [_read_slot(*row) for row in rows]


def list_nearest_slots(*, query: SlotQuery, wish_at: datetime, now: datetime) -> list[Slot]:
    """Return the free slots nearest to the wish first, before it as well as after."""
    return [_read_slot(*row) for row in _select(NEAREST, query, now=now, wish_at=wish_at)]


def list_slots_of_days(*, query: SlotQuery, of_day: int, now: datetime) -> list[DaySlot]:
    """Return of each day of each employee the soonest slot and the `of_day` that fill it best.

    In order of time; neither `query.order` nor `query.limit` is asked.
    """
    rows = _select(OF_DAYS, query, now=now, margin=LONGEST_STRETCH, of_day=of_day)
    return [
        DaySlot(slot=_read_slot(*row), on=on, waste=waste, by_fill=by_fill)
        for *row, on, waste, by_fill in rows
    ]


def find_fit(*, wish: Wish, now: datetime = NEVER) -> Fit | None:
    """Return where the wished interval fits, None when something stands in its way.

    Past or future is not asked here. `now` lets expired holds go; without it every hold counts.
    True only as long as the caller holds the locks of the resources (`appointments.actions.locks`).
    """
    parameters: dict[str, Any] = {
        "service_id": wish.service_id,
        "employee_ids": [wish.employee_id],
        "position": None,
        "branch_ids": [wish.branch_id],
        "city": None,
        "patient_id": wish.patient_id,
        "except_id": wish.except_id,
        "from_at": wish.starts_at,
        "until_at": wish.ends_at,
        "ends_at": wish.ends_at,
        "margin": timedelta(0),
        "now": None,
        "clock": now,
        "owners": list(wish.owners),
        "room_id": wish.room_id,
        "kept_room_id": wish.kept_room_id,
        "kept_device_id": wish.kept_device_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIT, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    room_id, room_unit, device_id, device_unit = row
    return Fit(room_id=room_id, room_unit=room_unit, device_id=device_id, device_unit=device_unit)


def _select(statement: str, query: SlotQuery, *, now: datetime, **more: Any) -> list[Any]:
    service = Service.objects.get(pk=query.service_id)
    if query.by_patient and not service.is_online:
        return []
    from_at = max(query.from_at, now + service.notice if query.by_patient else now)
    if from_at >= query.until_at:
        return []
    parameters = {
        "service_id": query.service_id,
        "employee_ids": _one_or_several(query.employee_id, query.employee_ids),
        "position": query.position or None,
        "branch_ids": _one_or_several(query.branch_id, query.branch_ids),
        "city": query.city or None,
        "weekdays": list(query.weekdays) or None,
        "clock_from": query.clock_from,
        "clock_until": query.clock_until,
        "patient_id": query.patient_id,
        "except_id": query.except_id,
        "now": now,
        "clock": now,
        "owners": list(query.owners),
        "from_at": from_at,
        "until_at": query.until_at,
        "ends_at": None,
        "margin": timedelta(0),
        "horizon_days": service.horizon_days if query.by_patient else None,
        "limit": query.limit,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


def _one_or_several(one: int | None, several: tuple[int, ...]) -> list[int] | None:
    """The ids that are allowed, None for any: both asked for means both must hold."""
    if one is None:
        return list(several) or None
    return [one] if not several or one in several else []


def _read_slot(
    employee_id: int,
    branch_id: int,
    room_id: int | None,
    starts_at: datetime,
    ends_at: datetime,
) -> Slot:
    return Slot(
        employee_id=employee_id,
        branch_id=branch_id,
        room_id=room_id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
