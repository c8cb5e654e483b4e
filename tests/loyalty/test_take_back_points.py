from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from appointments.actions import refund_payment
from appointments.models import Payment
from loyalty.actions import (
    earn_points_for_payment,
    expire_points_next,
    spend_points,
    take_back_points,
)
from loyalty.models import PointAccount, PointDebt, PointEntry, PointKind
from tests.factories import Clinic
from tests.loyalty.factories import balance_of, check_ledger, give_points, make_visit, pay

_numbers = count(1)


def refund(payment: Payment, amount: str, now: datetime) -> Payment:
    return refund_payment(
        payment_id=payment.pk,
        amount=Decimal(amount),
        key=f"refund-{next(_numbers)}",
        actor_id=None,
        now=now,
    )


def earned_payment(clinic: Clinic, now: datetime, amount: str = "1000") -> Payment:
    payment = pay(make_visit(clinic, amount), amount, now)
    earn_points_for_payment(payment_id=payment.pk, now=now)
    return payment


def test_a_refund_takes_back_its_part_once(clinic: Clinic, now: datetime) -> None:
    given = refund(earned_payment(clinic, now), "500", now)

    for _ in range(2):
        take_back_points(refund_id=given.pk, now=now)

    entry = PointEntry.objects.get(kind=PointKind.TAKEN_BACK)
    assert entry.points == -15
    assert balance_of(clinic.patient.pk) == 15
    check_ledger(clinic.patient.pk)


def test_parts_add_up_to_exactly_what_was_earned(clinic: Clinic, now: datetime) -> None:
    payment = earned_payment(clinic, now)  # 30 points

    taken = [
        take_back_points(refund_id=refund(payment, amount, now).pk, now=now)
        for amount in ("333.33", "333.34", "333.33")
    ]

    assert (taken, sum(taken)) == ([9, 11, 10], 30)
    assert balance_of(clinic.patient.pk) == 0


def test_a_refund_heard_of_before_its_payment_lets_it_earn_first(
    clinic: Clinic, now: datetime
) -> None:
    payment = pay(make_visit(clinic, "1000"), "1000", now)
    given = refund(payment, "1000", now)

    take_back_points(refund_id=given.pk, now=now)
    earn_points_for_payment(payment_id=payment.pk, now=now)

    kinds = PointEntry.objects.order_by("id").values_list("kind", "points")
    assert list(kinds) == [(PointKind.EARNED, 30), (PointKind.TAKEN_BACK, -30)]


def test_what_was_spent_meanwhile_comes_out_of_other_points(clinic: Clinic, now: datetime) -> None:
    payment = earned_payment(clinic, now)
    spend_points(patient_id=clinic.patient.pk, points=30, source="s", actor_id=None, now=now)
    give_points(clinic.patient.pk, 100, now=now)

    take_back_points(refund_id=refund(payment, "1000", now).pk, now=now)

    assert balance_of(clinic.patient.pk) == 70
    check_ledger(clinic.patient.pk)


def test_what_is_not_there_is_owed_and_paid_off_by_what_comes_next(
    clinic: Clinic, now: datetime
) -> None:
    payment = earned_payment(clinic, now)
    spend_points(patient_id=clinic.patient.pk, points=25, source="s", actor_id=None, now=now)
    given = refund(payment, "1000", now)

    for _ in range(2):
        take_back_points(refund_id=given.pk, now=now)
    account = PointAccount.objects.get()
    assert (account.balance, account.owed) == (0, 25)
    assert PointDebt.objects.get().points == 25

    give_points(clinic.patient.pk, 10, now=now)
    account.refresh_from_db()
    assert (account.balance, account.owed) == (0, 15)

    give_points(clinic.patient.pk, 40, now=now)
    account.refresh_from_db()
    assert (account.balance, account.owed) == (25, 0)
    check_ledger(clinic.patient.pk)


def test_a_refund_of_what_was_all_spent_is_owed_once(clinic: Clinic, now: datetime) -> None:
    payment = earned_payment(clinic, now)
    spend_points(patient_id=clinic.patient.pk, points=30, source="s", actor_id=None, now=now)
    given = refund(payment, "1000", now)

    for _ in range(2):
        take_back_points(refund_id=given.pk, now=now)

    assert PointAccount.objects.get().owed == 30


def test_what_expired_is_forgiven(clinic: Clinic, now: datetime) -> None:
    payment = earned_payment(clinic, now)
    later = now + timedelta(days=366)
    assert expire_points_next(now=later)

    assert take_back_points(refund_id=refund(payment, "1000", later).pk, now=later) == 0

    account = PointAccount.objects.get()
    assert (account.balance, account.owed) == (0, 0)


def test_half_spent_and_half_expired_owes_only_the_spent_half(
    clinic: Clinic, now: datetime
) -> None:
    payment = earned_payment(clinic, now)
    spend_points(patient_id=clinic.patient.pk, points=20, source="s", actor_id=None, now=now)
    later = now + timedelta(days=366)

    for amount in ("400", "600"):
        take_back_points(refund_id=refund(payment, amount, later).pk, now=later)

    assert PointAccount.objects.get().owed == 20
    check_ledger(clinic.patient.pk)
