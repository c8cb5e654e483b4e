"""Whatever is done to an account, in whatever order, the ledger adds up."""

import contextlib
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from appointments.actions import RefundTooLarge, refund_payment
from appointments.models import Payment, PaymentMethod
from loyalty.actions import (
    NotEnoughPoints,
    TooManyPoints,
    adjust_points,
    earn_points_for_payment,
    expire_points_next,
    pay_with_points,
    return_points,
    spend_points,
    take_back_points,
)
from loyalty.actions.ledger import PAYOFF, lock_account
from loyalty.models import PointAccount, PointDebt, PointEntry, Tier
from tests.factories import make_clinic
from tests.loyalty.factories import check_ledger, make_visit, pay

_keys = count(1)


class Ledger(RuleBasedStateMachine):
    """A year of one patient: payments, refunds, spendings, corrections, nights of expiry.

    News of a payment or refund may be late, repeated, or overtaken by later news.
    """

    payments = Bundle("payments")
    news = Bundle("news")

    def __init__(self) -> None:
        super().__init__()
        self.clinic = make_clinic()
        self.patient_id = self.clinic.patient.pk
        self.now = datetime.fromisoformat("2026-12-01T12:00+03:00")
        lock_account(self.patient_id, now=self.now)

    @rule(target=payments, total=st.integers(1, 20_000))
    def pay_money(self, total: int) -> Payment:
        visit = make_visit(self.clinic, str(total), days_ago=next(_keys))
        return pay(visit, str(total), self.now)

    @rule(target=payments, total=st.integers(1, 5_000), share=st.integers(1, 40))
    def pay_points(self, total: int, share: int) -> Payment:
        visit = make_visit(self.clinic, str(total), days_ago=next(_keys))
        points = max(1, total * share // 100)
        with contextlib.suppress(NotEnoughPoints, TooManyPoints):
            return pay_with_points(
                visit_id=visit.pk, points=points, key=self.key(), actor_id=None, now=self.now
            )
        return pay(visit, str(total), self.now)

    @rule(target=news, payment=payments)
    def hear_of_payment(self, payment: Payment) -> Payment:
        earn_points_for_payment(payment_id=payment.pk, now=self.now)
        return payment

    @rule(target=news, payment=payments, percent=st.integers(1, 100))
    def refund(self, payment: Payment, percent: int) -> Payment:
        amount = max(Decimal(1), payment.amount * percent // 100)
        with contextlib.suppress(RefundTooLarge):
            return refund_payment(
                payment_id=payment.pk, amount=amount, key=self.key(), actor_id=None, now=self.now
            )
        return payment

    @rule(told=news)
    def hear_again(self, told: Payment) -> None:
        if told.amount > 0:
            earn_points_for_payment(payment_id=told.pk, now=self.now)
        elif told.method == PaymentMethod.POINTS:
            return_points(refund_id=told.pk, now=self.now)
        else:
            take_back_points(refund_id=told.pk, now=self.now)

    @rule(points=st.integers(1, 400))
    def spend(self, points: int) -> None:
        with contextlib.suppress(NotEnoughPoints):
            spend_points(
                patient_id=self.patient_id,
                points=points,
                source=self.key(),
                actor_id=None,
                now=self.now,
            )

    @rule(points=st.integers(-300, 300).filter(bool))
    def adjust(self, points: int) -> None:
        with contextlib.suppress(NotEnoughPoints):
            adjust_points(
                patient_id=self.patient_id,
                points=points,
                note="x",
                key=self.key(),
                actor_id=None,
                now=self.now,
            )

    @rule(days=st.integers(1, 200))
    def let_time_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def expire(self) -> None:
        while expire_points_next(now=self.now):
            pass

    @invariant()
    def adds_up(self) -> None:
        check_ledger(self.patient_id)

    @invariant()
    def owes_what_was_not_paid_off(self) -> None:
        debts = PointDebt.objects.filter(patient_id=self.patient_id)
        payoffs = PointEntry.objects.filter(
            patient_id=self.patient_id, source__contains=f"{PAYOFF}:"
        )

        owed = (debts.aggregate(total=Sum("points"))["total"] or 0) + (
            payoffs.aggregate(total=Sum("points"))["total"] or 0
        )

        assert PointAccount.objects.get(pk=self.patient_id).owed == owed

    def key(self) -> str:
        return f"property-{next(_keys)}"


@pytest.mark.usefixtures("tiers")
def test_the_ledger_adds_up_whatever_happens() -> None:
    few = settings(
        max_examples=15,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(Ledger, settings=few)

    assert Tier.objects.count() == 3
