"""Money ahead of visits, and back: what it is for is the matter of a room above."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from appointments.actions.bill import CENT
from appointments.actions.payments import (
    NotRefundable,
    PaymentKeyReused,
    RefundTooLarge,
    WrongAmount,
)
from appointments.actions.totals import refresh_totals
from appointments.models import Prepayment


@dataclass(frozen=True, kw_only=True)
class PrepaymentOrder:
    """Who pays how much, in roubles, at which branch; `method` is one of `MONEY`."""

    patient_id: int
    branch_id: int
    method: str
    amount: Decimal
    key: str


@transaction.atomic
def take_prepayment(*, order: PrepaymentOrder, actor_id: int | None, now: datetime) -> Prepayment:
    """Take money that no bill asks for yet. Raises `WrongAmount`, `PaymentKeyReused`."""
    _check(order.amount)
    payment = Prepayment(
        patient_id=order.patient_id,
        branch_id=order.branch_id,
        method=order.method,
        amount=order.amount,
        key=order.key,
        at=now,
        actor_id=actor_id,
    )
    return _book(payment)


@transaction.atomic
def refund_prepayment(
    *,
    prepayment_id: int,
    amount: Decimal,
    key: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Prepayment:
    """Give back a part of it, or all; return the negative row.

    Raises `WrongAmount`, `RefundTooLarge`, `NotRefundable`, `PaymentKeyReused`.
    """
    _check(amount)
    payment = Prepayment.objects.select_for_update(no_key=True).get(pk=prepayment_id)
    if payment.refund_of_id is not None:
        raise NotRefundable
    refund = Prepayment(
        patient_id=payment.patient_id,
        branch_id=payment.branch_id,
        method=payment.method,
        amount=-amount,
        refund_of=payment,
        reason=reason[:200],
        key=key,
        at=now,
        actor_id=actor_id,
    )
    left = count_left_ahead(payment)
    if amount > left and not Prepayment.objects.filter(key=key).exists():
        raise RefundTooLarge(left=str(left))
    return _book(refund)


def count_left_ahead(payment: Prepayment) -> Decimal:
    """Return the roubles of it that have not been given back."""
    given_back = payment.refunds.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return payment.amount + given_back


def _check(amount: Decimal) -> None:
    if amount <= 0 or amount != amount.quantize(CENT):
        raise WrongAmount


def _book(payment: Prepayment) -> Prepayment:
    earlier = Prepayment.objects.filter(key=payment.key).first()
    if earlier is not None:
        told = ("patient_id", "method", "amount", "refund_of_id")
        if any(getattr(earlier, name) != getattr(payment, name) for name in told):
            raise PaymentKeyReused
        return earlier
    payment.save()
    refresh_totals(patient_id=payment.patient_id)
    return payment
