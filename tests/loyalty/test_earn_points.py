from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from appointments.actions import refund_payment
from appointments.models import PaymentMethod
from loyalty.actions import earn_points_for_payment
from loyalty.models import PointEntry, PointKind, Tier
from outbox.actions import deliver_next
from outbox.models import Event
from tests.factories import Clinic
from tests.loyalty.factories import balance_of, check_ledger, make_visit, pay


def test_a_payment_earns_once_whatever_is_retried(clinic: Clinic, now: datetime) -> None:
    payment = pay(make_visit(clinic, "2500"), "2500", now)

    for _ in range(2):
        earn_points_for_payment(payment_id=payment.pk, now=now)

    entry = PointEntry.objects.get()
    assert (entry.kind, entry.points, entry.source) == (
        PointKind.EARNED,
        75,
        f"payment:{payment.pk}",
    )
    assert entry.expires_at == now + timedelta(days=365)
    assert balance_of(clinic.patient.pk) == 75
    assert Event.objects.filter(name="loyalty.PointsChanged").count() == 1
    check_ledger(clinic.patient.pk)


@pytest.mark.django_db(transaction=True)
def test_the_news_of_a_payment_earns_points(clinic: Clinic, now: datetime) -> None:
    pay(make_visit(clinic, "2500"), "2500", now)

    while deliver_next(now=now):
        pass

    assert balance_of(clinic.patient.pk) == 75


@pytest.mark.parametrize(
    ("spent_before", "earned"),
    [("49999.99", 30), ("50000.00", 50), ("149999.99", 50), ("150000.00", 70)],
)
def test_the_tier_is_that_of_the_money_spent_before(
    clinic: Clinic, now: datetime, spent_before: str, earned: int
) -> None:
    pay(make_visit(clinic, spent_before, days_ago=30), spent_before, now - timedelta(days=30))
    payment = pay(make_visit(clinic, "1000"), "1000", now)

    entry = earn_points_for_payment(payment_id=payment.pk, now=now)

    assert entry is not None
    assert entry.points == earned


def test_a_refund_before_lowers_the_tier(clinic: Clinic, now: datetime) -> None:
    earlier = pay(make_visit(clinic, "60000", days_ago=30), "60000", now - timedelta(days=30))
    refund_payment(payment_id=earlier.pk, amount=Decimal(20000), key="r", actor_id=None, now=now)
    payment = pay(make_visit(clinic, "1000"), "1000", now)

    entry = earn_points_for_payment(payment_id=payment.pk, now=now)

    assert entry is not None
    assert entry.points == 30


def test_points_earn_no_points(clinic: Clinic, now: datetime) -> None:
    payment = pay(make_visit(clinic, "2500"), "500", now, PaymentMethod.POINTS)

    assert earn_points_for_payment(payment_id=payment.pk, now=now) is None
    assert not PointEntry.objects.exists()


@pytest.mark.parametrize(("amount", "earned"), [("33.33", 0), ("33.34", 1), ("66.99", 2)])
def test_only_whole_points_are_earned(
    clinic: Clinic, now: datetime, amount: str, earned: int
) -> None:
    payment = pay(make_visit(clinic, amount), amount, now)

    entry = earn_points_for_payment(payment_id=payment.pk, now=now)

    assert (entry.points if entry else 0) == earned


def test_without_a_programme_nothing_is_earned(clinic: Clinic, now: datetime) -> None:
    Tier.objects.all().delete()
    payment = pay(make_visit(clinic, "2500"), "2500", now)

    assert earn_points_for_payment(payment_id=payment.pk, now=now) is None
