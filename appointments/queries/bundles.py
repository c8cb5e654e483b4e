"""Several services in one visit: which of them belong together, and when they fit in a row."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from appointments.models import Appointment
from appointments.queries.slots import Slot, SlotQuery, list_free_slots
from clinic.models import Service

MOST_SERVICES = 4
LONGEST_WAIT = timedelta(minutes=30)
"""How long a patient waits between two services of one visit."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One service of a visit, with whom (None: anybody)."""

    service_id: int
    employee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class BundleQuery:
    """What is looked for: the steps in their order; the first begins in `[from_at, until_at)`.

    `weekdays` and `[clock_from, clock_until)` bound that beginning as in `SlotQuery`.
    """

    steps: tuple[Step, ...]
    branch_id: int
    from_at: datetime
    until_at: datetime
    weekdays: tuple[int, ...] = ()
    clock_from: time | None = None
    clock_until: time | None = None
    patient_id: int | None = None
    by_patient: bool = False
    owners: tuple[str, ...] = ()
    limit: int = 20


Bundle = tuple[Slot, ...]


def list_bundle(*, appointment_id: int) -> list[Appointment]:
    """Return the appointment and those that are one visit with it, by time."""
    found = Appointment.objects.filter(pk=appointment_id)
    bundle = found.values_list("bundle", flat=True).first()
    if bundle is not None:
        found = Appointment.objects.filter(bundle=bundle)
    related = found.select_related("employee", "service", "room", "branch")
    return list(related.order_by("starts_at", "pk"))


def list_free_bundles(*, query: BundleQuery, now: datetime) -> list[Bundle]:
    """Return the visits that fit, by time: for each first slot the one that ends soonest.

    Between two services the patient waits at most `LONGEST_WAIT`. At most `query.limit` come back.
    """
    rows = [_list_slots(query, number, now=now) for number in range(len(query.steps))]
    services = Service.objects.in_bulk([step.service_id for step in query.steps])
    gaps = [services[step.service_id] for step in query.steps]
    found: list[Bundle] = []
    for first in rows[0] if rows else []:
        bundle = _follow((first,), rows, gaps)
        if bundle is not None:
            found.append(bundle)
        if len(found) == query.limit:
            break
    return found


def _list_slots(query: BundleQuery, number: int, *, now: datetime) -> list[Slot]:
    """The slots of a step; a later one may begin after the time in which the first must."""
    step = query.steps[number]
    slot_query = SlotQuery(
        service_id=step.service_id,
        employee_id=step.employee_id,
        branch_id=query.branch_id,
        patient_id=query.patient_id,
        from_at=query.from_at,
        until_at=query.until_at + number * timedelta(hours=6),
        by_patient=query.by_patient,
        owners=query.owners,
        limit=3000,
    )
    if number == 0:
        slot_query = replace(
            slot_query,
            weekdays=query.weekdays,
            clock_from=query.clock_from,
            clock_until=query.clock_until,
        )
    return list_free_slots(query=slot_query, now=now)


def _follow(
    begun: Bundle, rows: Sequence[Sequence[Slot]], services: Sequence[Service]
) -> Bundle | None:
    """Return the visit that goes on from what is begun and ends soonest, None if none does."""
    number = len(begun)
    if number == len(rows):
        return begun
    last, best = begun[-1], None
    row = rows[number]
    for slot in row[bisect_left(row, last.ends_at, key=lambda slot: slot.starts_at) :]:
        if slot.starts_at > last.ends_at + LONGEST_WAIT:
            break
        if any(_meet(one, slot, services[i], services[number]) for i, one in enumerate(begun)):
            continue
        bundle = _follow((*begun, slot), rows, services)
        if bundle is not None and (best is None or bundle[-1].ends_at < best[-1].ends_at):
            best = bundle
    return best


def _meet(one: Slot, later: Slot, service: Service, next_service: Service) -> bool:
    """Whether the time around the earlier and that around the later claim the same at once."""
    gap = later.starts_at - one.ends_at
    if one.employee_id == later.employee_id:
        return gap < service.buffer_after + next_service.buffer_before
    if one.room_id is None or one.room_id != later.room_id:
        return False
    in_room = service.buffer_after if service.buffer_in_room else timedelta(0)
    before = next_service.buffer_before if next_service.buffer_in_room else timedelta(0)
    return gap < in_room + before
