from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from appointments.actions import PaymentTooLarge, refund_payment
from appointments.models import Payment, PaymentMethod
from clinic.models import Setting
from loyalty.actions import (
    NotEnoughPoints,
    TooManyPoints,
    pay_with_points,
    return_points,
    spend_points,
)
from loyalty.models import PointEntry, PointKind
from tests.factories import Clinic
from tests.loyalty.factories import balance_of, check_ledger, give_points, make_visit, pay


def spend(clinic: Clinic, points: int, now: datetime, source: str = "s") -> None:
    spend_points(patient_id=clinic.patient.pk, points=points, source=source, actor_id=None, now=now)


def pay_points(visit_id: int, points: int, now: datetime, key: str = "k") -> Payment:
    return pay_with_points(visit_id=visit_id, points=points, key=key, actor_id=None, now=now)


def refund(payment: Payment, amount: int, now: datetime) -> Payment:
    return refund_payment(
        payment_id=payment.pk, amount=Decimal(amount), key=f"r{amount}", actor_id=None, now=now
    )


def test_the_lot_that_expires_first_is_spent_first(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 100, now=now, live_days=300)
    give_points(clinic.patient.pk, 50, now=now, live_days=10)

    spend(clinic, 70, now)

    spent = PointEntry.objects.filter(kind=PointKind.SPENT).order_by("id")
    assert list(spent.values_list("source", "points", "lot__points")) == [
        ("s:1", -50, 50),
        ("s:2", -20, 100),
    ]
    assert balance_of(clinic.patient.pk) == 80
    check_ledger(clinic.patient.pk)


def test_a_source_spends_once(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 100, now=now)

    for _ in range(2):
        spend(clinic, 60, now)

    assert balance_of(clinic.patient.pk) == 40


def test_nobody_spends_what_is_not_there(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 100, now=now)

    with pytest.raises(NotEnoughPoints) as refused:
        spend(clinic, 101, now)

    assert refused.value.details == {"balance": 100}
    assert PointEntry.objects.count() == 1


def test_nobody_spends_what_has_expired_even_if_no_worker_has_come_yet(
    clinic: Clinic, now: datetime
) -> None:
    give_points(clinic.patient.pk, 100, now=now, live_days=10)

    with pytest.raises(NotEnoughPoints):
        spend(clinic, 1, now + timedelta(days=10))

    assert balance_of(clinic.patient.pk) == 100


def test_points_pay_a_part_of_the_bill_once(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 1000, now=now)
    visit = make_visit(clinic, "2500")

    payment, again = pay_points(visit.pk, 750, now), pay_points(visit.pk, 750, now)

    visit.refresh_from_db()
    assert again == payment
    assert (payment.method, visit.paid, visit.paid_points) == (
        PaymentMethod.POINTS,
        Decimal(750),
        Decimal(750),
    )
    assert balance_of(clinic.patient.pk) == 250


def test_the_share_of_the_bill_is_the_limit(clinic: Clinic, now: datetime) -> None:
    Setting.objects.create(pk=1, points_share=Decimal("0.20"))
    give_points(clinic.patient.pk, 5000, now=now)
    visit = make_visit(clinic, "2499")
    pay_points(visit.pk, 400, now)

    with pytest.raises(TooManyPoints) as refused:
        pay_points(visit.pk, 100, now, "other")

    assert refused.value.details == {"payable": 99}
    assert balance_of(clinic.patient.pk) == 4600
    assert Payment.objects.count() == 1


def test_points_do_not_pay_beyond_what_is_owed(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 5000, now=now)
    visit = make_visit(clinic, "1000")
    pay(visit, "900", now)

    with pytest.raises(TooManyPoints):
        pay_points(visit.pk, 101, now)
    pay_points(visit.pk, 100, now)

    with pytest.raises(PaymentTooLarge):
        pay(visit, "1", now)


def test_a_payment_without_the_points_for_it_does_not_happen(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 10, now=now)
    visit = make_visit(clinic, "2500")

    with pytest.raises(NotEnoughPoints):
        pay_points(visit.pk, 11, now)

    visit.refresh_from_db()
    assert visit.paid == 0
    assert not Payment.objects.exists()


def test_refunded_points_come_back_once_with_the_expiry_they_had(
    clinic: Clinic, now: datetime
) -> None:
    give_points(clinic.patient.pk, 100, now=now, live_days=10)
    give_points(clinic.patient.pk, 300, now=now, live_days=300)
    payment = pay_points(make_visit(clinic, "1000").pk, 250, now)

    given = refund(payment, 250, now)
    for _ in range(2):
        return_points(refund_id=given.pk, now=now)

    back = PointEntry.objects.filter(kind=PointKind.RETURNED).order_by("id")
    assert list(back.values_list("points", "expires_at")) == [
        (150, now + timedelta(days=300)),
        (100, now + timedelta(days=30)),
    ]
    assert balance_of(clinic.patient.pk) == 400
    check_ledger(clinic.patient.pk)


def test_parts_of_a_refund_bring_back_each_point_once(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 100, now=now, live_days=100)
    give_points(clinic.patient.pk, 300, now=now, live_days=300)
    payment = pay_points(make_visit(clinic, "1000").pk, 250, now)

    for amount in (120, 130):
        return_points(refund_id=refund(payment, amount, now).pk, now=now)

    back = PointEntry.objects.filter(kind=PointKind.RETURNED).order_by("id")
    assert list(back.values_list("points", "expires_at")) == [
        (120, now + timedelta(days=300)),
        (30, now + timedelta(days=300)),
        (100, now + timedelta(days=100)),
    ]
