"""What a patient has, what it may pay, and what the programme costs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import zip_longest
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from appointments.models import PatientTotals, Payment, PaymentMethod, Prepayment, Visit
from clinic.models import Setting
from loyalty.models import PointAccount, PointEntry, PointKind, Tier


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
    """Return what the patient had paid in money, less refunds, before this payment came in.

    What was paid for packages counts too.
    """
    patient_id = payment.visit.appointment.patient_id
    earlier = Payment.objects.filter(
        ~Q(method=PaymentMethod.POINTS),
        visit__appointment__patient=patient_id,
        id__lt=payment.pk,
    )
    ahead = Prepayment.objects.filter(patient=patient_id, at__lt=payment.at)
    return sum(
        (rows.aggregate(total=Sum("amount"))["total"] or Decimal(0) for rows in (earlier, ahead)),
        Decimal(0),
    )


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


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """What the ledger is narrowed to; an empty field narrows nothing. `month` is `2026-11`."""

    kind: str = ""
    month: str = ""
    patient_key: str = ""


def filter_entries(*, by: EntryFilter, zone: ZoneInfo) -> QuerySet[PointEntry]:
    """Return the ledger of everybody, newest first, months by the clock of `zone`."""
    entries = PointEntry.objects.select_related("patient", "actor__employee")
    if by.kind:
        entries = entries.filter(kind=by.kind)
    if by.patient_key:
        entries = entries.filter(patient__name_key__contains=by.patient_key)
    if by.month:
        starts_at, ends_at = month_bounds(by.month, zone)
        entries = entries.filter(at__gte=starts_at, at__lt=ends_at)
    return entries.order_by("-at", "-id")


def month_bounds(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first moments of a month like `2026-11` and of the next one."""
    year, number = (int(part) for part in month.split("-"))
    following = (year + number // 12, number % 12 + 1)
    return datetime(year, number, 1, tzinfo=zone), datetime(*following, 1, tzinfo=zone)


@dataclass(frozen=True, kw_only=True)
class Month:
    """What came in and went out in a month, in points, all positive."""

    key: str
    earned: int
    spent: int
    expired: int


MONTHS = 12


def list_months(*, zone: ZoneInfo, now: datetime) -> list[Month]:
    """Return the last twelve months, oldest first; corrections by hand and returns left out."""
    today = now.astimezone(zone)
    first = today.year * 12 + today.month - MONTHS
    keys = [f"{n // 12}-{n % 12 + 1:02}" for n in range(first, first + MONTHS)]
    starts_at, _ends_at = month_bounds(keys[0], zone)
    rows = (
        PointEntry.objects.filter(at__gte=starts_at)
        .annotate(month=TruncMonth("at", tzinfo=zone))
        .values_list("month", "kind")
        .annotate(points=Sum("points"))
        .order_by()
    )
    sums = {(f"{month:%Y-%m}", kind): points for month, kind, points in rows}
    return [
        Month(
            key=key,
            earned=sums.get((key, PointKind.EARNED), 0) + sums.get((key, PointKind.TAKEN_BACK), 0),
            spent=-sums.get((key, PointKind.SPENT), 0) - sums.get((key, PointKind.RETURNED), 0),
            expired=-sums.get((key, PointKind.EXPIRED), 0),
        )
        for key in keys
    ]


@dataclass(frozen=True, kw_only=True)
class Programme:
    """What the programme owes now: points on the accounts, and what patients owe back."""

    accounts: int
    balance: int
    owed: int
    expiring: int


def get_programme(*, now: datetime) -> Programme:
    """Return the sums over all accounts; `expiring` accounts lose points within 30 days."""
    sums = PointAccount.objects.aggregate(
        accounts=Count("pk", filter=Q(balance__gt=0)),
        balance=Sum("balance"),
        owed=Sum("owed"),
        expiring=Count("pk", filter=Q(next_expiry_at__lt=now + timedelta(days=30))),
    )
    return Programme(**{name: value or 0 for name, value in sums.items()})


@dataclass(frozen=True, kw_only=True)
class TierRow:
    """A tier and how many patients with a visit stand on it."""

    tier: Tier
    patients: int


def list_tiers() -> list[TierRow]:
    """Return the tiers from the lowest, each with its patients, in two queries."""
    tiers = list(Tier.objects.order_by("spent_from"))
    counts = {
        f"tier_{tier.pk}": Count(
            "pk",
            filter=Q(spent__gte=tier.spent_from)
            & (Q(spent__lt=above.spent_from) if above else Q()),
        )
        for tier, above in zip_longest(tiers, tiers[1:])
        if tier is not None
    }
    found = PatientTotals.objects.filter(visits__gt=0).aggregate(**counts) if counts else {}
    return [TierRow(tier=tier, patients=found[f"tier_{tier.pk}"]) for tier in tiers]


def list_entries(*, patient_id: int) -> QuerySet[PointEntry]:
    """Return the patient's ledger, newest first."""
    entries = PointEntry.objects.filter(patient_id=patient_id).select_related("actor__employee")
    return entries.order_by("-at", "-id")
