"""Who books with a prepayment, what was paid ahead for a booking, and whether it goes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from django.db.models import Sum

from appointments.models import Appointment, AppointmentStatus, CancelReason, Prepayment
from clinic.models import Setting

MONTH = timedelta(days=30)

OURS = frozenset({CancelReason.DOCTOR_ABSENT, CancelReason.MISTAKE})
"""Reasons to cancel that are not the patient's: his money goes back whatever the hour."""


@dataclass(frozen=True, kw_only=True)
class PrepayRule:
    """The patient missed `no_shows` visits in `months` (of 30 days): a `share` is asked ahead."""

    no_shows: int
    months: int
    share: Decimal

    @property
    def percent(self) -> int:
        return int(self.share * 100)

    def ask(self, price: Decimal) -> Decimal:
        """Return the roubles asked for a booking at this price, kopecks rounded up."""
        return (price * self.share).quantize(Decimal(1), rounding=ROUND_UP)


def find_prepay_rule(*, patient_id: int, now: datetime) -> PrepayRule | None:
    """Return why the patient pays ahead; None when he need not."""
    rule = Setting.load()
    if not rule.prepay_after_no_shows:
        return None
    missed = Appointment.objects.filter(
        patient=patient_id,
        status=AppointmentStatus.NO_SHOW,
        starts_at__gt=now - rule.prepay_months * MONTH,
    ).count()
    if missed < rule.prepay_after_no_shows:
        return None
    return PrepayRule(no_shows=missed, months=rule.prepay_months, share=rule.prepay_share)


@dataclass(frozen=True, kw_only=True)
class HeldMoney:
    """A prepayment of a booking of which roubles are `left`."""

    id: int
    method: str
    at: datetime
    left: Decimal


def list_prepaid(*, appointment_id: int) -> Sequence[HeldMoney]:
    """Return what is held for the booking: neither used by its bill nor given back."""
    rows = Prepayment.objects.filter(appointment=appointment_id, refund_of__isnull=True)
    held = [
        HeldMoney(
            id=row.pk,
            method=row.get_method_display(),
            at=row.at,
            left=row.amount + (row.gone or 0),
        )
        for row in rows.annotate(gone=Sum("refunds__amount")).order_by("pk")
    ]
    return [one for one in held if one.left]


def count_prepaid(*, appointment_id: int) -> Decimal:
    """Return the roubles that are held for the booking."""
    rows = Prepayment.objects.filter(appointment=appointment_id)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def is_prepayment_returned(appointment: Appointment) -> bool:
    """Whether the clinic's rule gives the money back: cancelled in time, or not by the patient.

    Before the visit it may always go back; after it, what the bill did not need.
    """
    if appointment.status == AppointmentStatus.NO_SHOW:
        return False
    if appointment.status != AppointmentStatus.CANCELLED or appointment.cancelled_at is None:
        return True
    notice = timedelta(hours=Setting.load().prepay_back_hours)
    is_ours = appointment.cancel_reason in OURS
    return is_ours or appointment.cancelled_at <= appointment.starts_at - notice
