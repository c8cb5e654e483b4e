"""Why a wished interval cannot be had, asked only after `find_fit` found no way."""

from enum import Enum, auto

from django.db.models import QuerySet

from appointments.models import LIVE, Appointment
from appointments.queries.slots import Wish
from clinic.models import Branch, Employee, Room, Shift, TimeOff


class Misfit(Enum):
    """What stands in the way, in the order in which it is worth telling."""

    NOT_OFFERED = auto()
    BRANCH_CLOSED = auto()
    EMPLOYEE_AWAY = auto()
    OUTSIDE_SHIFT = auto()
    EMPLOYEE_BUSY = auto()
    PATIENT_BUSY = auto()
    NO_ROOM = auto()


def explain_misfit(*, wish: Wish) -> Misfit:
    """Return the first thing that stands in the way of the wish."""
    if not _is_offered(wish):
        return Misfit.NOT_OFFERED
    if not _is_open(wish):
        return Misfit.BRANCH_CLOSED
    if TimeOff.objects.filter(
        employee_id=wish.employee_id, starts_at__lt=wish.ends_at, ends_at__gt=wish.starts_at
    ).exists():
        return Misfit.EMPLOYEE_AWAY
    if not _is_on_shift(wish):
        return Misfit.OUTSIDE_SHIFT
    live = _list_live(wish)
    if live.filter(employee_id=wish.employee_id).exists():
        return Misfit.EMPLOYEE_BUSY
    if live.filter(patient_id=wish.patient_id).exists():
        return Misfit.PATIENT_BUSY
    return Misfit.NO_ROOM


def list_room_ids(*, service_id: int, branch_id: int) -> list[int]:
    """Return the rooms of the branch that the service could be given."""
    rooms = Room.objects.filter(services=service_id, branch_id=branch_id, is_active=True)
    return list(rooms.values_list("pk", flat=True))


def _is_offered(wish: Wish) -> bool:
    return Employee.objects.filter(
        pk=wish.employee_id, is_active=True, services=wish.service_id, services__is_active=True
    ).exists()


def _is_open(wish: Wish) -> bool:
    branch = Branch.objects.get(pk=wish.branch_id)
    starts, ends = (moment.astimezone(branch.zone) for moment in (wish.starts_at, wish.ends_at))
    return (
        branch.is_active
        and starts.date() == ends.date()
        and branch.opens_at <= starts.time()
        and ends.time() <= branch.closes_at
    )


def _is_on_shift(wish: Wish) -> bool:
    """Say whether shifts cover the wish, several in a row included."""
    reached = wish.starts_at
    for shift in Shift.objects.filter(
        employee_id=wish.employee_id,
        branch_id=wish.branch_id,
        starts_at__lt=wish.ends_at,
        ends_at__gt=wish.starts_at,
    ).order_by("starts_at"):
        if shift.starts_at > reached:
            return False
        reached = shift.ends_at
    return reached >= wish.ends_at


def _list_live(wish: Wish) -> QuerySet[Appointment]:
    found = Appointment.objects.filter(
        status__in=LIVE, starts_at__lt=wish.ends_at, ends_at__gt=wish.starts_at
    )
    return found if wish.except_id is None else found.exclude(pk=wish.except_id)
