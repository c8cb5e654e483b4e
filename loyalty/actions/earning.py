"""Points for money: earned once per payment, taken back in proportion when it is refunded."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from appointments.models import Payment
from loyalty.actions.ledger import Change, list_lots, lock_account, put_in, take_out
from loyalty.models import PointAccount, PointDebt, PointEntry, PointKind
from loyalty.queries import count_earned, count_spent_before, find_tier


@transaction.atomic
def earn_points_for_payment(*, payment_id: int, now: datetime) -> PointEntry | None:
    """Credit what the payment earns, once whatever is retried; None when that is nothing."""
    payment = _get_payment(payment_id)
    account = lock_account(payment.visit.appointment.patient_id, now=now)
    return _earn(account, payment, now=now)


@transaction.atomic
def take_back_points(*, refund_id: int, now: datetime) -> int:
    """Take back what the refunded money had earned; return how many points, owed included.

    The shares of several refunds add up to exactly what the payment earned. What has been spent
    meanwhile comes out of other lots, and what the account lacks is owed; what has expired is
    forgiven. A refund whose payment has not earned yet lets it earn first.
    """
    refund = _get_payment(refund_id)
    account = lock_account(refund.visit.appointment.patient_id, now=now)
    source = f"refund:{refund.pk}"
    if _is_taken_back(source):
        return 0
    payment = _get_payment(refund.refund_of_id or refund_id)
    earned = _earn(account, payment, now=now)
    points = _count_share(refund, payment, earned) if earned else 0
    at_hand = min(points, account.balance)
    if at_hand:
        lots = list_lots(account.pk)
        own_first = sorted(lots, key=lambda lot: lot.entry_id != (earned and earned.pk))
        change = Change(kind=PointKind.TAKEN_BACK, source=source, now=now)
        take_out(account, points=at_hand, lots=own_first, change=change)
    if points > at_hand:
        lacking = points - at_hand
        PointDebt.objects.create(patient_id=account.pk, points=lacking, source=source, at=now)
        account.owed += lacking
        account.save(update_fields=["owed"])
    return points


def _earn(account: PointAccount, payment: Payment, *, now: datetime) -> PointEntry | None:
    source = f"payment:{payment.pk}"
    earlier = PointEntry.objects.filter(source=source).first()
    points = count_earned(payment)
    tier = find_tier(spent=count_spent_before(payment))
    if earlier or not points or not tier:
        return earlier
    expires_at = payment.at + timedelta(days=tier.points_live_days)
    change = Change(kind=PointKind.EARNED, source=source, now=now, actor_id=payment.actor_id)
    return put_in(account, points=points, expires_at=expires_at, change=change)


def _count_share(refund: Payment, payment: Payment, earned: PointEntry) -> int:
    """Return the refund's part of what was earned, less what expired of it."""
    earlier = payment.refunds.filter(id__lt=refund.pk).aggregate(total=Sum("amount"))["total"] or 0
    before = int(earned.points * -earlier / payment.amount)
    after = int(earned.points * -(earlier + refund.amount) / payment.amount)
    expired = -(
        earned.uses.filter(kind=PointKind.EXPIRED).aggregate(total=Sum("points"))["total"] or 0
    )
    return max(0, min(after - before, earned.points - expired - before))


def _is_taken_back(source: str) -> bool:
    return (
        PointEntry.objects.filter(source__startswith=f"{source}:").exists()
        or PointDebt.objects.filter(source=source).exists()
    )


def _get_payment(payment_id: int) -> Payment:
    return Payment.objects.select_related("visit__appointment").get(pk=payment_id)
