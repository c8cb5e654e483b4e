"""Money in and back. A payment never changes: what was wrong is answered by a row of its own.

Every action holds the visit, so that two payments at once cannot exceed what is owed. A request
repeated with the same `key` is the same payment.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from appointments.actions.bill import CENT, lock_visit
from appointments.actions.totals import refresh_totals
from appointments.events import PaymentRefunded, PaymentTaken
from appointments.models import Payment, PaymentMethod, Visit
from outbox.actions import record_event
from outbox.errors import Refused


class WrongAmount(Refused):
    code = "wrong_amount"
    status = 422
    message = _("The sum must be positive, in roubles and whole kopecks.")


class PaymentTooLarge(Refused):
    """`left` is what is still owed, as a decimal string."""

    code = "payment_too_large"
    message = _("The payment is larger than what is owed.")


class RefundTooLarge(Refused):
    """`left` is what of this payment has not been given back yet, as a decimal string."""

    code = "refund_too_large"
    message = _("The refund is larger than what is left of this payment.")


class NotRefundable(Refused):
    code = "not_refundable"
    message = _("This is a refund itself; it cannot be given back.")


class PaymentKeyReused(Refused):
    code = "key_reused"
    status = 422
    message = _("This request has already been used for another payment. Open the page again.")


@transaction.atomic
def take_payment(
    *,
    visit_id: int,
    method: str,
    amount: Decimal,
    key: str,
    actor_id: int | None,
    now: datetime,
) -> Payment:
    """Take a part of what is owed, or all of it.

    Points are paid through `loyalty.actions.pay_with_points`, which also spends them. Raises
    `WrongAmount`, `PaymentTooLarge`, `PaymentKeyReused`.
    """
    _check_amount(amount)
    visit = lock_visit(visit_id)
    payment = Payment(visit=visit, method=method, amount=amount, key=key, at=now, actor_id=actor_id)
    if earlier := _find_repeated(payment):
        return earlier
    if amount > visit.total - visit.paid:
        raise PaymentTooLarge(left=str(visit.total - visit.paid))
    book_payment(payment, visit, now=now)
    return payment


@transaction.atomic
def refund_payment(
    *,
    payment_id: int,
    amount: Decimal,
    key: str,
    actor_id: int | None,
    now: datetime,
    reason: str = "",
) -> Payment:
    """Give money back and take the same sum off the bill: the patient does not owe it again.

    Returns the negative payment. Raises `WrongAmount`, `RefundTooLarge`, `NotRefundable`,
    `PaymentKeyReused`.
    """
    _check_amount(amount)
    payment, visit = _lock_payment(payment_id)
    if payment.method == PaymentMethod.POINTS and amount % 1:
        raise WrongAmount(_("Points are given back whole: write the sum without kopecks."))
    refund = _refund_of(payment, amount=amount, key=key, actor_id=actor_id, now=now, reason=reason)
    if earlier := _find_repeated(refund):
        return earlier
    _check_refund(payment, amount)
    visit.total -= amount
    visit.returned += amount
    book_payment(refund, visit, now=now)
    return refund


@transaction.atomic
def reverse_payment(
    *, payment_id: int, key: str, actor_id: int | None, now: datetime, reason: str = ""
) -> Payment:
    """Undo a payment entered by mistake: what is left of it goes back, and is owed again.

    Returns the negative payment. Raises `RefundTooLarge` when nothing is left, `NotRefundable`,
    `PaymentKeyReused`.
    """
    payment, visit = _lock_payment(payment_id)
    earlier = Payment.objects.filter(key=key).first()
    amount = -earlier.amount if earlier else count_left(payment)
    refund = _refund_of(payment, amount=amount, key=key, actor_id=actor_id, now=now, reason=reason)
    if earlier := _find_repeated(refund):
        return earlier
    _check_refund(payment, amount)
    book_payment(refund, visit, now=now)
    return refund


def count_left(payment: Payment) -> Decimal:
    """Return the roubles of the payment that have not been given back."""
    given_back = payment.refunds.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return payment.amount + given_back


def _lock_payment(payment_id: int) -> tuple[Payment, Visit]:
    payment = Payment.objects.get(pk=payment_id)
    return payment, lock_visit(payment.visit_id)


def _refund_of(
    payment: Payment,
    *,
    amount: Decimal,
    key: str,
    actor_id: int | None,
    now: datetime,
    reason: str,
) -> Payment:
    return Payment(
        visit_id=payment.visit_id,
        method=payment.method,
        amount=-amount,
        refund_of=payment,
        reason=reason[:200],
        key=key,
        at=now,
        actor_id=actor_id,
    )


def _check_amount(amount: Decimal) -> None:
    if amount <= 0 or amount != amount.quantize(CENT):
        raise WrongAmount


def _check_refund(payment: Payment, amount: Decimal) -> None:
    if payment.refund_of_id is not None:
        raise NotRefundable
    left = count_left(payment)
    if not 0 < amount <= left:
        raise RefundTooLarge(left=str(left))


def _find_repeated(payment: Payment) -> Payment | None:
    """Return the payment that the same request made before. Raises `PaymentKeyReused`."""
    earlier = Payment.objects.filter(key=payment.key).first()
    if earlier is None:
        return None
    told = ("visit_id", "method", "amount", "refund_of_id")
    if any(getattr(earlier, name) != getattr(payment, name) for name in told):
        raise PaymentKeyReused
    return earlier


def book_payment(payment: Payment, visit: Visit, *, now: datetime) -> None:
    """Store the row, the sums of its locked visit and the fact."""
    payment.save()
    visit.paid += payment.amount
    if payment.method == PaymentMethod.POINTS:
        visit.paid_points += payment.amount
    visit.save(update_fields=["total", "returned", "paid", "paid_points"])
    fact = PaymentTaken if payment.amount > 0 else PaymentRefunded
    event = fact(
        patient_id=visit.appointment.patient_id,
        appointment_id=visit.appointment_id,
        payment_id=payment.pk,
        method=payment.method,
        amount=str(abs(payment.amount)),
    )
    record_event(event, actor_id=payment.actor_id, now=now)
    refresh_totals(patient_id=visit.appointment.patient_id)
