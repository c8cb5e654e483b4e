"""Money ahead of visits, and back: what it is for is the matter of a room above."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from appointments.actions.bill import CENT
from appointments.actions.payments import (
    NotRefundable,
    PaymentKeyReused,
    PaymentTooLarge,
    RefundTooLarge,
    WrongAmount,
    book_payment,
)
from appointments.actions.status import NotUpcoming, lock_appointment
from appointments.actions.totals import refresh_totals
from appointments.events import PrepaymentReturned, PrepaymentTaken
from appointments.models import UPCOMING, AppointmentStatus, Payment, Prepayment, Visit
from appointments.queries import count_prepaid, is_prepayment_returned
from outbox.actions import record_event
from outbox.errors import Refused


class PrepaymentKept(Refused):
    code = "prepayment_kept"
    message = _(
        "By the clinic’s rule this prepayment is not given back: the visit was missed or cancelled "
        "too late. A manager may make an exception."
    )


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
        appointment_id=payment.appointment_id,
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


@dataclass(frozen=True, kw_only=True)
class BookingPrepayment:
    """Money that secures a booking: roubles, by one of `MONEY`; `key` is one request."""

    appointment_id: int
    method: str
    amount: Decimal
    key: str


@transaction.atomic
def take_for_booking(
    *, order: BookingPrepayment, actor_id: int | None, now: datetime
) -> Prepayment:
    """Take money ahead for a visit that has not ended; the bill will count it.

    Raises `NotUpcoming`, `PaymentTooLarge` beyond the quoted price, `WrongAmount`,
    `PaymentKeyReused`.
    """
    _check(order.amount)
    appointment = lock_appointment(order.appointment_id)
    payment = Prepayment(
        patient_id=appointment.patient_id,
        branch_id=appointment.branch_id,
        appointment=appointment,
        method=order.method,
        amount=order.amount,
        key=order.key,
        at=now,
        actor_id=actor_id,
    )
    if Prepayment.objects.filter(key=order.key).exists():
        return _book(payment)
    if appointment.status not in {
        *UPCOMING,
        AppointmentStatus.ARRIVED,
        AppointmentStatus.IN_PROGRESS,
    }:
        raise NotUpcoming
    left = appointment.price - count_prepaid(appointment_id=appointment.pk)
    if order.amount > left:
        raise PaymentTooLarge(left=str(left))
    taken = _book(payment)
    _tell(PrepaymentTaken, taken, now=now)
    return taken


@dataclass(frozen=True, kw_only=True)
class Return:
    """How much of a prepayment goes back and why; `is_exception` sets the clinic's rule aside."""

    prepayment_id: int
    amount: Decimal
    key: str
    reason: str
    is_exception: bool = False


@transaction.atomic
def return_for_booking(*, order: Return, actor_id: int | None, now: datetime) -> Prepayment:
    """Give back what secured a booking; return the negative row.

    Raises `PrepaymentKept` against the rule of the clinic, and what `refund_prepayment` raises.
    """
    appointment_id = Prepayment.objects.values_list("appointment", flat=True).get(
        pk=order.prepayment_id
    )
    if appointment_id is None:
        raise NotRefundable
    appointment = lock_appointment(appointment_id)
    is_new = not Prepayment.objects.filter(key=order.key).exists()
    if is_new and not order.is_exception and not is_prepayment_returned(appointment):
        raise PrepaymentKept
    back = refund_prepayment(
        prepayment_id=order.prepayment_id,
        amount=order.amount,
        key=order.key,
        reason=order.reason,
        actor_id=actor_id,
        now=now,
    )
    if is_new:
        _tell(PrepaymentReturned, back, now=now)
    return back


def use_prepayments(visit: Visit, *, actor_id: int | None, now: datetime) -> None:
    """Pay the bill of a held visit with what was taken ahead for it, as far as it goes.

    Each part leaves the prepayments and comes to the payments in two rows that no money moves in.
    """
    rows = Prepayment.objects.select_for_update(no_key=True).filter(
        appointment=visit.appointment_id, refund_of__isnull=True
    )
    for held in rows.order_by("pk"):
        part = min(count_left_ahead(held), visit.total - visit.paid)
        if part <= 0:
            continue
        number = held.refunds.count() + 1
        moved = Prepayment.objects.create(
            patient_id=held.patient_id,
            branch_id=held.branch_id,
            appointment_id=held.appointment_id,
            method=held.method,
            amount=-part,
            refund_of=held,
            is_moved=True,
            key=f"moved:{held.pk}:{number}",
            at=now,
            actor_id=actor_id,
        )
        payment = Payment(
            visit=visit,
            method=held.method,
            amount=part,
            ahead=moved,
            key=f"ahead:{moved.pk}",
            at=now,
            actor_id=actor_id,
        )
        book_payment(payment, visit, now=now)


def count_left_ahead(payment: Prepayment) -> Decimal:
    """Return the roubles of it that have not been given back."""
    given_back = payment.refunds.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return payment.amount + given_back


def _check(amount: Decimal) -> None:
    if amount <= 0 or amount != amount.quantize(CENT):
        raise WrongAmount


def _tell(
    fact: type[PrepaymentTaken | PrepaymentReturned], row: Prepayment, *, now: datetime
) -> None:
    event = fact(
        patient_id=row.patient_id,
        appointment_id=row.appointment_id or 0,
        method=row.method,
        amount=str(abs(row.amount)),
    )
    record_event(event, actor_id=row.actor_id, now=now)


def _book(payment: Prepayment) -> Prepayment:
    earlier = Prepayment.objects.filter(key=payment.key).first()
    if earlier is not None:
        told = ("patient_id", "appointment_id", "method", "amount", "refund_of_id")
        if any(getattr(earlier, name) != getattr(payment, name) for name in told):
            raise PaymentKeyReused
        return earlier
    payment.save()
    refresh_totals(patient_id=payment.patient_id)
    return payment
