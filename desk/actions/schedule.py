"""A change of hours, and what becomes of the bookings that it would leave alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.actions import lock_resources, move_appointment
from appointments.models import SUBJECT_KIND, Appointment
from appointments.queries import list_device_ids, list_room_ids
from clinic.models import Role
from desk.queries.outside import Scope, list_bookings, list_outside
from desk.queries.ways_out import Stranded, list_ways_out
from outbox.errors import Refused
from worklist.actions import TaskOrder, close_tasks, open_task
from worklist.models import TaskKind, TaskStatus

SOON = timedelta(days=2)
CALL_WITHIN = timedelta(hours=2)
CALL_LATER = timedelta(days=1)


class BookingsLeftOutside(Refused):
    """`stranded` are the bookings that the change would leave alone, each with its ways out."""

    code = "bookings_left_outside"
    message = _("Patients are booked at this time. Decide about each of them.")

    def __init__(self, *, stranded: Sequence[Stranded]) -> None:
        self.stranded = stranded
        super().__init__(appointment_ids=[one.booking.pk for one in stranded])


class WayGone(BookingsLeftOutside):
    """A chosen time was taken meanwhile; `gone` says of which bookings and why."""

    code = "way_gone"
    message = _("Some of the chosen times have just been taken. Choose others.")

    def __init__(self, *, stranded: Sequence[Stranded], gone: Mapping[int, str]) -> None:
        self.gone = gone
        super().__init__(stranded=stranded)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Where a booking goes: to an employee at a time. Without them the patient is called."""

    employee_id: int | None = None
    starts_at: datetime | None = None


CALL = Decision()


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of the bookings that the change left alone: how many moved, how many to call."""

    moved: int = 0
    calls: int = 0


@transaction.atomic
def change_schedule(
    *,
    scope: Scope,
    change: Callable[[], object],
    decisions: Mapping[int, Decision],
    actor_id: int | None,
    now: datetime,
    call_others: bool = False,
) -> Settled:
    """Make a change of hours and settle what it leaves alone, all in one transaction.

    `change` is an action of `clinic.actions`; its refusals pass through. `decisions` are by the ids
    of the bookings; whoever is to be called gets a task for reception, once, with `call_others`
    everybody without a decision.
    Raises `BookingsLeftOutside` when a booking was not decided about, and `WayGone` when a chosen
    time is no longer free; then nothing has changed. The diaries and places are held, so nobody
    books into hours that are about to go.
    """
    _lock(scope, decisions)
    before = list_outside(scope=scope, now=now)
    known = {row.pk for row in before}
    change()
    after = list_outside(scope=scope, now=now)
    left = [row for row in after if row.pk not in known]
    if call_others:
        decisions = {row.pk: CALL for row in left} | dict(decisions)
    if not all(row.pk in decisions for row in left):
        raise BookingsLeftOutside(stranded=list_ways_out(bookings=left, now=now))
    settled = _settle(left, decisions, actor_id=actor_id, now=now)
    standing = {row.pk for row in after}
    for row in before:
        if row.pk not in standing:
            _take_call_back(row, actor_id=actor_id, now=now)
    return settled


def _settle(
    left: Sequence[Appointment],
    decisions: Mapping[int, Decision],
    *,
    actor_id: int | None,
    now: datetime,
) -> Settled:
    gone: dict[int, str] = {}
    moved = calls = 0
    for row in left:
        decision = decisions[row.pk]
        stays = (decision.starts_at, decision.employee_id) == (row.starts_at, row.employee_id)
        if decision.starts_at is None or stays:
            call_about(row, actor_id=actor_id, now=now)
            calls += 1
            continue
        try:
            move_appointment(
                appointment_id=row.pk,
                employee_id=decision.employee_id,
                starts_at=decision.starts_at,
                version=row.version,
                actor_id=actor_id,
                now=now,
            )
        except Refused as refusal:
            gone[row.pk] = str(refusal)
        else:
            moved += 1
    if gone:
        raise WayGone(stranded=list_ways_out(bookings=left, now=now), gone=gone)
    return Settled(moved=moved, calls=calls)


def call_about(appointment: Appointment, *, actor_id: int | None, now: datetime) -> None:
    """Have reception call the patient of a booking that stands outside the hours, once.

    Within two hours when the visit is near, else within a day.
    """
    is_soon = appointment.starts_at < now + SOON
    order = TaskOrder(
        kind=TaskKind.CALL_OUTSIDE,
        patient_id=appointment.patient_id,
        branch_id=appointment.branch_id,
        role=Role.ADMINISTRATOR,
        note=gettext("Nobody is there at the booked time any more: offer another one."),
        source=f"outside:{appointment.pk}:{appointment.version}",
        subject_kind=SUBJECT_KIND,
        subject_id=appointment.pk,
        due_at=now + (CALL_WITHIN if is_soon else CALL_LATER),
    )
    open_task(order=order, actor_id=actor_id, now=now)


def _take_call_back(appointment: Appointment, *, actor_id: int | None, now: datetime) -> None:
    close_tasks(
        subject_kind=SUBJECT_KIND,
        subject_id=appointment.pk,
        kinds=[TaskKind.CALL_OUTSIDE],
        result=gettext("the booked time is within the hours again"),
        status=TaskStatus.CANCELLED,
        actor_id=actor_id,
        now=now,
    )


def _lock(scope: Scope, decisions: Mapping[int, Decision]) -> None:
    """Take everything that the change and the decisions may need at once, as bookings do."""
    rows = list_bookings(ids=list(decisions))
    places = {(row.service_id, row.branch_id) for row in rows}
    rooms = [list_room_ids(service_id=service, branch_id=branch) for service, branch in places]
    devices = [list_device_ids(service_id=service, branch_id=branch) for service, branch in places]
    takers = (decision.employee_id for decision in decisions.values())
    lock_resources(
        employee_ids={
            *scope.employee_ids,
            *(row.employee_id for row in rows),
            *(employee_id for employee_id in takers if employee_id is not None),
        },
        room_ids={*(n for found in rooms for n in found), *_only(scope.room_id)},
        device_ids={*(n for found in devices for n in found), *_only(scope.device_id)},
        patient_id=None,
        patient_ids={row.patient_id for row in rows},
    )


def _only(number: int | None) -> set[int]:
    return set() if number is None else {number}
