"""Check-out at reception: the bill and what is paid of it, together or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions import (
    LineInput,
    PaymentKeyReused,
    change_bill,
    finish_visit,
    list_lines,
    lock_appointment,
    take_payment,
)
from appointments.models import Appointment, Payment, PaymentMethod, Visit
from desk.queries.check_out import seal_bill
from loyalty.actions import pay_with_points
from outbox.errors import Refused
from packages.actions import Change, debit_lines, hold_for_visit, mark_lines
from packages.queries import Cover

_METHODS = (
    PaymentMethod.POINTS,
    PaymentMethod.CARD,
    PaymentMethod.TRANSFER,
    PaymentMethod.CASH,
)


class NothingToPayInCash(Refused):
    code = "nothing_to_pay_in_cash"
    status = 422
    message = _("The bill is covered without cash already: take no cash, or lower the rest.")


class TooMuch(Refused):
    """`left` is what was still owed, as a decimal string."""

    code = "payment_too_large"
    status = 422
    message = _("Points, card and transfer are more than what is owed. Lower one of them.")


class BillChangedMeanwhile(Refused):
    code = "bill_changed"
    message = _(
        "A colleague has changed this bill since you opened it, or has taken a payment. Nothing "
        "is saved: open the page again and look at it before you take money."
    )


@dataclass(frozen=True, kw_only=True)
class CheckOutOrder:
    """The bill, and what is paid of it now: the rest stays a debt.

    With `lines` None the bill stays as it is; of a visit not finished yet, it is what was booked.
    `cover` says which of the lines packages pay. `cash` is what the patient handed over, change
    included. `key` tells a repeated request. `seen` is the seal of the bill that was looked at
    (`seal_bill`); None asks for no comparison.
    """

    lines: Sequence[LineInput] | None
    key: str
    cover: Cover = field(default_factory=Cover)
    points: int = 0
    card: Decimal = Decimal(0)
    transfer: Decimal = Decimal(0)
    cash: Decimal = Decimal(0)
    seen: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckedOut:
    """`change` goes back to the patient out of the cash."""

    visit: Visit
    change: Decimal


@transaction.atomic
def check_out(
    *, appointment_id: int, order: CheckOutOrder, actor_id: int | None, now: datetime
) -> CheckedOut:
    """Finish the visit unless it is, write its bill, take sessions, points, money and last cash.

    A request repeated with the same key finds its payments and changes nothing. Raises
    `BillChangedMeanwhile`, `TooMuch`, `NothingToPayInCash`, and what `finish_visit`,
    `change_bill`, `debit_lines`, `pay_with_points` and `take_payment` raise.
    """
    appointment = lock_appointment(appointment_id)
    earlier = _find_repeated(order, appointment_id=appointment.pk)
    if earlier is not None:
        return earlier
    _check_seen(order, appointment)
    visit = _write_bill(appointment, order, change=Change(now=now, actor_id=actor_id))
    cash = _split_cash(order, left=visit.total - visit.paid)
    if order.points:
        pay_with_points(
            visit_id=visit.pk,
            points=order.points,
            key=_key_of(order, PaymentMethod.POINTS),
            actor_id=actor_id,
            now=now,
        )
    for method, amount in (
        (PaymentMethod.CARD, order.card),
        (PaymentMethod.TRANSFER, order.transfer),
        (PaymentMethod.CASH, cash),
    ):
        if amount:
            take_payment(
                visit_id=visit.pk,
                method=method,
                amount=amount,
                key=_key_of(order, method),
                actor_id=actor_id,
                now=now,
            )
    visit.refresh_from_db()
    return CheckedOut(visit=visit, change=order.cash - cash)


def _check_seen(order: CheckOutOrder, appointment: Appointment) -> None:
    """Whoever saw another bill must look again, unless he asks for what stands already."""
    if order.seen is None:
        return
    visit = Visit.objects.filter(appointment=appointment).first()
    if order.seen == seal_bill(appointment=appointment, visit=visit):
        return
    is_idle = not (order.points or order.card or order.transfer or order.cash)
    asked = mark_lines(order.lines or (), order.cover)
    if not (is_idle and visit is not None and list(asked) == list_lines(visit)):
        raise BillChangedMeanwhile


def _write_bill(appointment: Appointment, order: CheckOutOrder, *, change: Change) -> Visit:
    """Packages are held before anything that holds the patient's totals: see `covering`."""
    held = hold_for_visit(appointment, order.cover, now=change.now)
    lines = None if order.lines is None else mark_lines(order.lines, order.cover)
    visit = finish_visit(
        appointment_id=appointment.pk, lines=lines or (), actor_id=change.actor_id, now=change.now
    )
    if lines is not None:
        visit = change_bill(
            visit_id=visit.pk, lines=lines, actor_id=change.actor_id, now=change.now
        )
        debit_lines(visit, lines, order.cover, held=held, change=change)
    return visit


def _split_cash(order: CheckOutOrder, *, left: Decimal) -> Decimal:
    """Return how much of the cash pays the bill; the rest is change."""
    without_cash = order.points + order.card + order.transfer
    left -= without_cash
    if left < 0:
        raise TooMuch(left=str(left + without_cash))
    if order.cash and not left:
        raise NothingToPayInCash
    return min(order.cash, left)


def _find_repeated(order: CheckOutOrder, *, appointment_id: int) -> CheckedOut | None:
    """Return what the same request did before; None if it took no money.

    Raises `PaymentKeyReused` when it was for another visit or other sums.
    """
    keys = [_key_of(order, method) for method in _METHODS]
    found = list(Payment.objects.filter(key__in=keys).select_related("visit"))
    if not found:
        return None
    taken = {payment.method: payment.amount for payment in found}
    cash = taken.get(PaymentMethod.CASH, Decimal(0))
    is_same = (
        {payment.visit.appointment_id for payment in found} == {appointment_id}
        and taken.get(PaymentMethod.POINTS, 0) == order.points
        and taken.get(PaymentMethod.CARD, 0) == order.card
        and taken.get(PaymentMethod.TRANSFER, 0) == order.transfer
        and bool(cash) == bool(order.cash)
        and cash <= order.cash
    )
    if not is_same:
        raise PaymentKeyReused
    return CheckedOut(visit=found[0].visit, change=order.cash - cash)


def _key_of(order: CheckOutOrder, method: str) -> str:
    return f"{order.key}:{method}"
