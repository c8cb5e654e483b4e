"""When the house itself is closed: a day of a branch, a room or a device out of service."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.actions.hours import EndsBeforeStart
from clinic.days import today_at
from clinic.events import (
    BranchDayDecided,
    ClosureChanged,
    ClosureFact,
    ClosureRemoved,
    PlaceClosed,
)
from clinic.models import Branch, BranchDay, Closure, Device, Room
from outbox.actions import record_event
from outbox.errors import Refused


class DayInPast(Refused):
    code = "day_in_past"
    message = _("This day is over: choose one that is still ahead.")


class ClosureInPast(Refused):
    code = "closure_in_past"
    message = _("This closure is over and cannot be changed any more.")


class ClosureOverlaps(Refused):
    """`details["closure_id"]` is the closure that is already there."""

    code = "closure_overlaps"
    message = _("It is already closed at this time. Change that closure.")


@dataclass(frozen=True, kw_only=True)
class DayDecision:
    """What a branch does on a day; `kind` is a `BranchDayKind`, the hours are told for SHORT."""

    branch_id: int
    on: date
    kind: str
    opens_at: time | None = None
    closes_at: time | None = None
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class ClosureOrder:
    """A room or a device, one of them, and from when until when; half-open."""

    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None
    device_id: int | None = None
    note: str = ""


@transaction.atomic
def decide_day(*, decision: DayDecision, actor_id: int | None, now: datetime) -> BranchDay:
    """Write the decision down, in the place of an earlier one about the same day.

    Raises `DayInPast`, `EndsBeforeStart`.
    """
    branch = _lock_branch(decision.branch_id)
    if decision.on < today_at(branch, now=now):
        raise DayInPast
    is_short = decision.kind == BranchDay.Kind.SHORT
    opens, closes = decision.opens_at, decision.closes_at
    if is_short and (opens is None or closes is None or closes <= opens):
        raise EndsBeforeStart
    day, _is_new = BranchDay.objects.update_or_create(
        branch=branch,
        on=decision.on,
        defaults={
            "kind": decision.kind,
            "opens_at": opens if is_short else None,
            "closes_at": closes if is_short else None,
            "name": decision.name,
        },
    )
    _tell_day(branch, decision.on, decision.kind, actor_id=actor_id, now=now)
    return day


@transaction.atomic
def forget_day(*, branch_id: int, on: date, actor_id: int | None, now: datetime) -> None:
    """Take the decision back: the branch is open as on any day. Raises `DayInPast`."""
    branch = _lock_branch(branch_id)
    if on < today_at(branch, now=now):
        raise DayInPast
    deleted, _rows = BranchDay.objects.filter(branch=branch, on=on).delete()
    if deleted:
        _tell_day(branch, on, "", actor_id=actor_id, now=now)


@transaction.atomic
def add_closure(*, order: ClosureOrder, actor_id: int | None, now: datetime) -> Closure:
    """Take the room or device out of service. Raises `EndsBeforeStart`, `ClosureInPast`,
    `ClosureOverlaps`.
    """
    closure = Closure(room_id=order.room_id, device_id=order.device_id)
    _write(closure, order, now=now)
    record_event(_tell(PlaceClosed, closure), actor_id=actor_id, now=now)
    return closure


@transaction.atomic
def change_closure(
    *, closure_id: int, order: ClosureOrder, actor_id: int | None, now: datetime
) -> Closure:
    """Give the closure another period and note. Raises as `add_closure`."""
    closure = _take(closure_id, now=now)
    _write(closure, order, now=now)
    record_event(_tell(ClosureChanged, closure), actor_id=actor_id, now=now)
    return closure


@transaction.atomic
def remove_closure(*, closure_id: int, actor_id: int | None, now: datetime) -> None:
    """Put the room or device back into service. Raises `ClosureInPast` for one that is over."""
    closure = _take(closure_id, now=now)
    record_event(_tell(ClosureRemoved, closure), actor_id=actor_id, now=now)
    closure.delete()


def _write(closure: Closure, order: ClosureOrder, *, now: datetime) -> None:
    if order.ends_at <= order.starts_at:
        raise EndsBeforeStart
    if order.ends_at <= now:
        raise ClosureInPast
    if isinstance(closure.thing, Room):
        Room.objects.select_for_update(no_key=True).get(pk=closure.thing.pk)
        others = Closure.objects.filter(room=closure.thing)
    else:
        Device.objects.select_for_update(no_key=True).get(pk=closure.thing.pk)
        others = Closure.objects.filter(device=closure.thing)
    others = others.filter(starts_at__lt=order.ends_at, ends_at__gt=order.starts_at)
    clash = others.exclude(pk=closure.pk).first()
    if clash is not None:
        raise ClosureOverlaps(closure_id=clash.pk)
    closure.starts_at, closure.ends_at, closure.note = order.starts_at, order.ends_at, order.note
    closure.save()


def _take(closure_id: int, *, now: datetime) -> Closure:
    closure = Closure.objects.select_for_update(of=("self",), no_key=True).get(pk=closure_id)
    if closure.ends_at <= now:
        raise ClosureInPast
    return closure


def _lock_branch(branch_id: int) -> Branch:
    """Decisions of one branch take turns."""
    return Branch.objects.select_for_update(no_key=True).get(pk=branch_id)


def _tell_day(branch: Branch, on: date, kind: str, *, actor_id: int | None, now: datetime) -> None:
    fact = BranchDayDecided(patient_id=None, branch_id=branch.pk, on=on.isoformat(), kind=kind)
    record_event(fact, actor_id=actor_id, now=now)


def _tell(fact: type[ClosureFact], closure: Closure) -> ClosureFact:
    return fact(
        patient_id=None,
        closure_id=closure.pk,
        room_id=closure.room_id,
        device_id=closure.device_id,
        starts_at=closure.starts_at.isoformat(),
        ends_at=closure.ends_at.isoformat(),
    )
