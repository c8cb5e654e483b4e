"""What a patient has, what it may pay, and what the programme costs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from django.db.models import Q, QuerySet, Sum

from appointments.models import PatientTotals, Payment, PaymentMethod, Visit
from clinic.models import Setting
from loyalty.models import PointAccount, PointEntry, Tier


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What stands on the account now. 1 point = 1 rouble.

    `expiring` points of the next lot expire at `expires_at`. `spent` is money paid so far, less
    refunds, without points: it decides the `tier`. To reach `next_tier` takes `to_next_tier` more.
    """

    points: int
    owed: int
    expiring: int
    expires_at: datetime | None
    spent: Decimal
    tier: Tier | None
    next_tier: Tier | None

    @property
    def to_next_tier(self) -> Decimal:
        return self.next_tier.spent_from - self.spent if self.next_tier else Decimal(0)


def get_balance(*, patient_id: int) -> Balance:
    """Return the balance; of a patient without an account, an empty one."""
    account = PointAccount.objects.filter(pk=patient_id).first() or PointAccount(pk=patient_id)
    totals = PatientTotals.objects.filter(pk=patient_id).first()
    spent = totals.spent if totals else Decimal(0)
    tiers = list(Tier.objects.order_by("spent_from"))
    reached = [tier for tier in tiers if tier.spent_from <= spent]
    ahead = [tier for tier in tiers if tier.spent_from > spent]
    return Balance(
        points=account.balance,
        owed=account.owed,
        expiring=_count_expiring(account),
        expires_at=account.next_expiry_at,
        spent=spent,
        tier=reached[-1] if reached else None,
        next_tier=ahead[0] if ahead else None,
    )


def _count_expiring(account: PointAccount) -> int:
    if account.next_expiry_at is None:
        return 0
    lots = PointEntry.objects.filter(
        patient_id=account.pk, points__gt=0, expires_at=account.next_expiry_at
    )
    came_in = lots.aggregate(total=Sum("points"))["total"] or 0
    went_out = lots.aggregate(total=Sum("uses__points"))["total"] or 0
    return came_in + went_out


def find_tier(*, spent: Decimal) -> Tier | None:
    """Return the highest tier that this spend reaches."""
    return Tier.objects.filter(spent_from__lte=spent).order_by("-spent_from").first()


def count_spent_before(payment: Payment) -> Decimal:
    """Return what the patient had paid in money, less refunds, before this payment came in."""
    earlier = Payment.objects.filter(
        ~Q(method=PaymentMethod.POINTS),
        visit__appointment__patient=payment.visit.appointment.patient_id,
        id__lt=payment.pk,
    )
    return earlier.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def count_earned(payment: Payment) -> int:
    """Return how many points the payment earns: whole points, by the tier reached before it.

    Points earn nothing, and money earns nothing where no tier is reached.
    """
    tier = find_tier(spent=count_spent_before(payment))
    if tier is None or payment.method == PaymentMethod.POINTS:
        return 0
    return int((payment.amount * tier.earn_percent / 100).to_integral_value(ROUND_FLOOR))


def count_payable_points(*, visit: Visit) -> int:
    """Return how many points may still pay for the visit, whatever the balance is.

    `Setting.points_share` of the bill, less what points have paid, never more than is owed.
    """
    by_share = visit.total * Setting.load().points_share - visit.paid_points
    payable = min(by_share, visit.total - visit.paid)
    return max(0, int(payable.to_integral_value(ROUND_FLOOR)))


def list_entries(*, patient_id: int) -> QuerySet[PointEntry]:
    """Return the patient's ledger, newest first."""
    entries = PointEntry.objects.filter(patient_id=patient_id).select_related("actor", "lot")
    return entries.order_by("-at", "-id")
