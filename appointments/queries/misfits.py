"""Why a wished interval cannot be had, asked only after `find_fit` found no way."""

from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

from appointments.models import LIVE, Appointment, Hold
from appointments.queries.slots import NEVER, Wish
from clinic.models import Branch, Device, Employee, Room, Service, Shift, TimeOff
from clinic.queries import find_open_hours


class Misfit(Enum):
    """What stands in the way, in the order in which it is worth telling."""

    NOT_OFFERED = auto()
    BRANCH_CLOSED = auto()
    EMPLOYEE_AWAY = auto()
    OUTSIDE_SHIFT = auto()
    EMPLOYEE_BUSY = auto()
    HELD = auto()
    PATIENT_BUSY = auto()
    NO_ROOM = auto()


class Stretch(NamedTuple):
    """When the employee of a wish would be taken: the visit with its buffers."""

    starts_at: datetime
    ends_at: datetime


def explain_misfit(*, wish: Wish, now: datetime = NEVER) -> Misfit:
    """Return the first thing that stands in the way of the wish."""
    if not _is_offered(wish):
        return Misfit.NOT_OFFERED
    whole = _with_buffers(wish)
    if not _is_open(wish, whole):
        return Misfit.BRANCH_CLOSED
    if TimeOff.objects.filter(
        employee_id=wish.employee_id, starts_at__lt=whole.ends_at, ends_at__gt=whole.starts_at
    ).exists():
        return Misfit.EMPLOYEE_AWAY
    if not _is_on_shift(wish, whole):
        return Misfit.OUTSIDE_SHIFT
    live = Appointment.objects.filter(status__in=LIVE).exclude(pk=wish.except_id or 0)
    if live.filter(employee_id=wish.employee_id, occupied__overlap=tuple(whole)).exists():
        return Misfit.EMPLOYEE_BUSY
    held = Hold.objects.exclude(owner__in=wish.owners).filter(expires_at__gt=now)
    if held.filter(employee_id=wish.employee_id, occupied__overlap=tuple(whole)).exists():
        return Misfit.HELD
    if live.filter(
        patient_id=wish.patient_id or 0, starts_at__lt=wish.ends_at, ends_at__gt=wish.starts_at
    ).exists():
        return Misfit.PATIENT_BUSY
    return Misfit.NO_ROOM


def list_room_ids(*, service_id: int, branch_id: int) -> list[int]:
    """Return the rooms of the branch that the service could be given."""
    rooms = Room.objects.filter(services=service_id, branch_id=branch_id, is_active=True)
    return list(rooms.values_list("pk", flat=True))


def list_device_ids(*, service_id: int, branch_id: int) -> list[int]:
    """Return the devices of the branch that the service could be given."""
    devices = Device.objects.filter(services=service_id, branch_id=branch_id, is_active=True)
    return list(devices.values_list("pk", flat=True))


def _is_offered(wish: Wish) -> bool:
    return Employee.objects.filter(
        pk=wish.employee_id, is_active=True, services=wish.service_id, services__is_active=True
    ).exists()


def _with_buffers(wish: Wish) -> Stretch:
    """The buffers of an appointment that moves within its diary are its own, else the service's."""
    source: Appointment | Service | None = Appointment.objects.filter(
        pk=wish.except_id or 0, employee_id=wish.employee_id
    ).first()
    source = source or Service.objects.get(pk=wish.service_id)
    return Stretch(wish.starts_at - source.buffer_before, wish.ends_at + source.buffer_after)


def _is_open(wish: Wish, whole: Stretch) -> bool:
    branch = Branch.objects.get(pk=wish.branch_id)
    starts, ends = (moment.astimezone(branch.zone) for moment in whole)
    hours = find_open_hours(branch=branch, on=starts.date())
    return (
        branch.is_active
        and hours is not None
        and starts.date() == ends.date()
        and hours[0] <= starts.time()
        and ends.time() <= hours[1]
    )


def _is_on_shift(wish: Wish, whole: Stretch) -> bool:
    """Say whether shifts cover the stretch, several in a row included."""
    reached = whole.starts_at
    for shift in Shift.objects.filter(
        employee_id=wish.employee_id,
        branch_id=wish.branch_id,
        starts_at__lt=whole.ends_at,
        ends_at__gt=whole.starts_at,
    ).order_by("starts_at"):
        if shift.starts_at > reached:
            return False
        reached = shift.ends_at
    return reached >= whole.ends_at
