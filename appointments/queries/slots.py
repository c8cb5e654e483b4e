"""Which times are free. The arithmetic is that of `free_time`: the same SQL lists slots and decides
a booking (`find_fit`), so what is offered can be booked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from appointments.queries.free_time import FIT, FREE_TIME, IN_ORDER, NEAREST, SLOTS
from clinic.models import Service

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class SlotQuery:
    """What is looked for. Starts lie in `[from_at, until_at)`; None means any.

    With `patient_id`, times when the patient is booked elsewhere are left out. `except_id` is an
    appointment that is about to move: its own time counts as free, and with its own employee it
    keeps its length. `by_patient` leaves only what a patient may book himself. What `owners` hold
    counts as free.
    """

    service_id: int
    from_at: datetime
    until_at: datetime
    branch_id: int | None = None
    employee_id: int | None = None
    patient_id: int | None = None
    except_id: int | None = None
    by_patient: bool = False
    owners: tuple[str, ...] = ()
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
    """Return the free slots in order of time, none of them in the past.

    Starts stand on the branch's clock, every half hour where a visit with its buffers fills half
    hours, else every quarter. At most `query.limit` come back.
    """
    return _select(IN_ORDER, query, now=now)


def list_nearest_slots(*, query: SlotQuery, wish_at: datetime, now: datetime) -> list[Slot]:
    """Return the free slots nearest to the wish first, before it as well as after."""
    return _select(NEAREST, query, now=now, wish_at=wish_at)


def list_alternatives(*, wish: Wish, now: datetime, limit: int = 3) -> list[Slot]:
    """Return what can be had instead: nearest times of the same employee, then of others.

    The same employee's `limit` nearest free times within two weeks, in order of time, then the
    nearest time of each of at most `limit` colleagues at the same branch within three days.
    """
    around = SlotQuery(
        service_id=wish.service_id,
        branch_id=wish.branch_id,
        employee_id=wish.employee_id,
        patient_id=wish.patient_id,
        except_id=wish.except_id,
        by_patient=wish.by_patient,
        owners=wish.owners,
        from_at=wish.starts_at - timedelta(days=3),
        until_at=wish.starts_at + timedelta(days=14),
        limit=limit,
    )
    same = list_nearest_slots(query=around, wish_at=wish.starts_at, now=now)
    nearby = SlotQuery(
        service_id=wish.service_id,
        branch_id=wish.branch_id,
        patient_id=wish.patient_id,
        except_id=wish.except_id,
        by_patient=wish.by_patient,
        owners=wish.owners,
        from_at=wish.starts_at - timedelta(days=3),
        until_at=wish.starts_at + timedelta(days=3),
        limit=200,
    )
    others: dict[int, Slot] = {}
    for slot in list_nearest_slots(query=nearby, wish_at=wish.starts_at, now=now):
        if slot.employee_id != wish.employee_id:
            others.setdefault(slot.employee_id, slot)
    return _by_time(same) + _by_time(list(others.values())[:limit])


def find_fit(*, wish: Wish, now: datetime = NEVER) -> Fit | None:
    """Return where the wished interval fits, None when something stands in its way.

    Past or future is not asked here. `now` lets expired holds go; without it every hold counts.
    True only as long as the caller holds the locks of the resources (`appointments.actions.locks`).
    """
    parameters = {
        "service_id": wish.service_id,
        "employee_id": wish.employee_id,
        "branch_id": wish.branch_id,
        "patient_id": wish.patient_id,
        "except_id": wish.except_id,
        "from_at": wish.starts_at,
        "until_at": wish.ends_at,
        "ends_at": wish.ends_at,
        "now": None,
        "clock": now,
        "owners": list(wish.owners),
        "room_id": wish.room_id,
        "kept_room_id": wish.kept_room_id,
        "kept_device_id": wish.kept_device_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(FREE_TIME + FIT, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    room_id, room_unit, device_id, device_unit = row
    return Fit(room_id=room_id, room_unit=room_unit, device_id=device_id, device_unit=device_unit)


def _select(order: str, query: SlotQuery, *, now: datetime, **more: Any) -> list[Slot]:
    service = Service.objects.get(pk=query.service_id)
    if query.by_patient and not service.is_online:
        return []
    from_at = max(query.from_at, now + service.notice if query.by_patient else now)
    if from_at >= query.until_at:
        return []
    parameters = {
        "service_id": query.service_id,
        "employee_id": query.employee_id,
        "branch_id": query.branch_id,
        "patient_id": query.patient_id,
        "except_id": query.except_id,
        "now": now,
        "clock": now,
        "owners": list(query.owners),
        "from_at": from_at,
        "until_at": query.until_at,
        "ends_at": None,
        "horizon_days": service.horizon_days if query.by_patient else None,
        "limit": query.limit,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(FREE_TIME + SLOTS + order, parameters)
        return [
            Slot(
                employee_id=employee_id,
                branch_id=branch_id,
                room_id=room_id,
                starts_at=starts_at,
                ends_at=ends_at,
            )
            for employee_id, branch_id, room_id, starts_at, ends_at in cursor.fetchall()
        ]


def _by_time(slots: Iterable[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: slot.starts_at)
