"""Points as money: a part of a bill is paid with them, and a refund brings them back."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from appointments.actions import lock_visit, take_payment
from appointments.models import Payment, PaymentMethod
from loyalty.actions.ledger import Change, lock_account, put_in, take_out
from loyalty.models import PointEntry, PointKind
from loyalty.queries import count_payable_points
from outbox.errors import Refused

RETURNED_LIVE = timedelta(days=30)
"""Returned points live at least this long, so that nobody gets back what expires tonight."""


class TooManyPoints(Refused):
    """`payable` is how many points the visit can still be paid with."""

    code = "too_many_points"
    message = _("Only a part of the bill can be paid with points.")


@transaction.atomic
def spend_points(
    *, patient_id: int, points: int, source: str, actor_id: int | None, now: datetime
) -> None:
    """Take points off the account, oldest expiry first, once per `source`.

    Raises `NotEnoughPoints`.
    """
    account = lock_account(patient_id, now=now)
    if PointEntry.objects.filter(source=f"{source}:1").exists():
        return
    change = Change(kind=PointKind.SPENT, source=source, now=now, actor_id=actor_id)
    take_out(account, points=points, change=change)


@transaction.atomic
def pay_with_points(
    *, visit_id: int, points: int, key: str, actor_id: int | None, now: datetime
) -> Payment:
    """Pay a part of the bill with points; the same `key` is the same payment.

    Raises `TooManyPoints` beyond the clinic's share of the bill, `NotEnoughPoints`, and what
    `take_payment` raises.
    """
    visit = lock_visit(visit_id)
    payable = count_payable_points(visit=visit)
    is_repeated = Payment.objects.filter(key=key).exists()
    if points > payable and not is_repeated:
        raise TooManyPoints(payable=payable)
    payment = take_payment(
        visit_id=visit_id,
        method=PaymentMethod.POINTS,
        amount=Decimal(points),
        key=key,
        actor_id=actor_id,
        now=now,
    )
    spend_points(
        patient_id=visit.appointment.patient_id,
        points=points,
        source=f"payment:{payment.pk}",
        actor_id=actor_id,
        now=now,
    )
    return payment


@transaction.atomic
def return_points(*, refund_id: int, now: datetime) -> int:
    """Bring back the points of a refunded points payment, once; return how many.

    Those that live longest come back first, each with the expiry it had, or in `RETURNED_LIVE`
    if that is later.
    """
    refund = Payment.objects.select_related("visit__appointment", "refund_of").get(pk=refund_id)
    account = lock_account(refund.visit.appointment.patient_id, now=now)
    source = f"refund:{refund.pk}"
    if PointEntry.objects.filter(source=f"{source}:1").exists():
        return 0
    shares = _split_refund(refund)
    for number, (points, expires_at) in enumerate(shares, start=1):
        change = Change(
            kind=PointKind.RETURNED,
            source=f"{source}:{number}",
            now=now,
            actor_id=refund.actor_id,
        )
        lives_until = max(expires_at, now + RETURNED_LIVE)
        put_in(account, points=points, expires_at=lives_until, change=change)
    return sum(points for points, _expires_at in shares)


def _split_refund(refund: Payment) -> list[tuple[int, datetime]]:
    """Return the (points, expiry) that this refund brings back.

    Earlier refunds of the payment have taken theirs from the same row of points: this one goes on
    from there.
    """
    spent = PointEntry.objects.filter(
        source__startswith=f"payment:{refund.refund_of_id}:", kind=PointKind.SPENT
    )
    rows = spent.order_by("-lot__expires_at", "-id").values_list("points", "lot__expires_at")
    earlier = Payment.objects.filter(refund_of=refund.refund_of_id, id__lt=refund.pk)
    skip = int(-(earlier.aggregate(total=Sum("amount"))["total"] or 0))
    wanted = int(-refund.amount)
    shares: list[tuple[int, datetime]] = []
    for points, expires_at in rows:
        skipped = min(skip, -points)
        part = min(-points - skipped, wanted)
        skip, wanted = skip - skipped, wanted - part
        if part and expires_at:
            shares.append((part, expires_at))
    return shares
