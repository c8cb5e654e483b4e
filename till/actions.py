"""The drawer of a branch is counted when a shift begins and when it ends."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions import CENT, WrongAmount
from outbox.actions import record_event
from outbox.errors import Refused
from till.events import TillClosed, TillOpened
from till.models import TillShift
from till.queries import count_expected

MOST = Decimal("99999999.99")


class TillIsOpen(Refused):
    code = "till_is_open"
    message = _("A shift is open at this branch already. Close it first.")


class TillIsClosed(Refused):
    code = "till_is_closed"
    message = _("This shift is closed already. Refresh the page.")


@transaction.atomic
def open_till(
    *, branch_id: int, opening: Decimal, actor_id: int | None, now: datetime
) -> TillShift:
    """Begin a shift with the cash that lies in the drawer. Raises `WrongAmount`, `TillIsOpen`."""
    _check_count(opening)
    shift = TillShift(branch_id=branch_id, opened_at=now, opened_by_id=actor_id, opening=opening)
    TillShift.objects.bulk_create([shift], ignore_conflicts=True)
    written = TillShift.objects.get(branch=branch_id, closed_at__isnull=True)
    if (written.opened_at, written.opened_by_id, written.opening) != (now, actor_id, opening):
        raise TillIsOpen
    fact = TillOpened(branch_id=branch_id, shift_id=written.pk, opening=str(opening))
    record_event(fact, actor_id=actor_id, now=now)
    return written


@transaction.atomic
def close_till(
    *, shift_id: int, counted: Decimal, note: str, actor_id: int | None, now: datetime
) -> TillShift:
    """End the shift with what was counted; the same count again changes nothing.

    Raises `WrongAmount`, `TillIsClosed` after another count.
    """
    _check_count(counted)
    shift = TillShift.objects.select_for_update(of=("self",), no_key=True).get(pk=shift_id)
    if shift.closed_at is not None:
        if (shift.counted, shift.closed_by_id) != (counted, actor_id):
            raise TillIsClosed
        return shift
    shift.closed_at, shift.closed_by_id = now, actor_id
    shift.counted, shift.note = counted, note[:200]
    shift.save(update_fields=["closed_at", "closed_by", "counted", "note"])
    fact = TillClosed(
        branch_id=shift.branch_id,
        shift_id=shift.pk,
        counted=str(counted),
        expected=str(count_expected(shift, now=now)),
    )
    record_event(fact, actor_id=actor_id, now=now)
    return shift


def _check_count(amount: Decimal) -> None:
    if not amount.is_finite() or not 0 <= amount <= MOST or amount != amount.quantize(CENT):
        raise WrongAmount(_("Write the sum in roubles and whole kopecks; an empty drawer is 0."))
