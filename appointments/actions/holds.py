"""Holding a time while somebody is about to book it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from appointments.actions.booking import advise, check_wish, lock_wish
from appointments.actions.refusals import NotFree, SlotTaken, told_as_taken
from appointments.actions.releasing import release_holds
from appointments.models import Hold
from appointments.queries import Fit, Wish
from clinic.queries import Terms, get_terms

HELD_FOR = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class HoldOrder:
    """Which time to hold. `owner` (at most 120 characters) holds one time at a time.

    Whoever books with `BookingOrder.key` equal to it, or is the user named by `name_owner`, books
    what is held. A patient holds only what he may book (`by_patient`). `held_for` is how long it is
    kept from others.
    """

    owner: str
    service_id: int
    employee_id: int
    branch_id: int
    starts_at: datetime
    by_patient: bool = False
    held_for: timedelta = HELD_FOR
    ends_at: datetime | None = None


def hold_slot(*, order: HoldOrder, actor_id: int | None, now: datetime) -> Hold:
    """Hold the time for `order.held_for`; what the owner held before is let go.

    Asked again for the same time it holds on for as long again. Raises as `book_appointment`;
    then the owner keeps what he held.
    """
    terms = get_terms(service_id=order.service_id, employee_id=order.employee_id)
    wish = Wish(
        service_id=order.service_id,
        employee_id=order.employee_id,
        branch_id=order.branch_id,
        patient_id=None,
        starts_at=order.starts_at,
        ends_at=order.ends_at or order.starts_at + terms.duration,
        by_patient=order.by_patient,
        waived=not order.by_patient,
        owners=(order.owner,),
    )
    try:
        with told_as_taken():
            return _hold(order, wish, terms, actor_id=actor_id, now=now)
    except NotFree as refusal:
        advise(refusal, wish, now=now)
        raise


@transaction.atomic
def _hold(
    order: HoldOrder, wish: Wish, terms: Terms, *, actor_id: int | None, now: datetime
) -> Hold:
    lock_wish(wish)
    fit = check_wish(wish, terms.service, now=now)
    release_holds(wish.owners, now=now)
    row = _draw_up(order, wish, terms, fit)
    row.held_by_id, row.created_at, row.expires_at = actor_id, now, now + order.held_for
    Hold.objects.bulk_create([row], ignore_conflicts=True)
    held = Hold.objects.filter(owner=order.owner).first()
    if held is None:
        raise SlotTaken
    return held


def _draw_up(order: HoldOrder, wish: Wish, terms: Terms, fit: Fit) -> Hold:
    return Hold(
        owner=order.owner,
        employee_id=wish.employee_id,
        branch_id=wish.branch_id,
        service=terms.service,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        buffer_before=terms.service.buffer_before,
        buffer_after=terms.service.buffer_after,
        buffer_in_room=terms.service.buffer_in_room,
        room_id=fit.room_id,
        room_unit=fit.room_unit,
        device_id=fit.device_id,
        device_unit=fit.device_unit,
    )
