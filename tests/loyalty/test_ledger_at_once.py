"""Many hands on one account, on real connections, with a control that has no lock."""

from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db.models import Sum

from loyalty.actions import (
    NotEnoughPoints,
    earn_points_for_payment,
    expire_points_next,
    ledger,
    spend_points,
    spending,
)
from loyalty.actions.ledger import Lot, list_lots
from loyalty.models import PointAccount, PointEntry
from tests.factories import Clinic
from tests.loyalty.factories import check_ledger, give_points, make_visit, pay
from tests.threads import run_at_once

HANDS = 6

pytestmark = pytest.mark.django_db(transaction=True)


def spend_at_once(clinic: Clinic, now: datetime) -> list[BaseException | None]:
    """Six hands of 30 points each."""
    return run_at_once(
        [
            partial(
                spend_points,
                patient_id=clinic.patient.pk,
                points=30,
                source=f"hand-{hand}",
                actor_id=None,
                now=now,
            )
            for hand in range(HANDS)
        ]
    )


def sum_of_entries() -> int:
    return PointEntry.objects.aggregate(total=Sum("points"))["total"] or 0


def test_the_balance_never_goes_below_zero_whoever_competes(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 40, now=now, live_days=10)
    give_points(clinic.patient.pk, 60, now=now)

    answers = spend_at_once(clinic, now)

    assert answers.count(None) == 3
    assert sum(isinstance(answer, NotEnoughPoints) for answer in answers) == HANDS - 3
    assert PointAccount.objects.get().balance == 10
    check_ledger(clinic.patient.pk)


def test_a_payment_handled_at_once_by_many_earns_once(clinic: Clinic, now: datetime) -> None:
    payment = pay(make_visit(clinic, "2500"), "2500", now)

    run_at_once(
        [partial(earn_points_for_payment, payment_id=payment.pk, now=now) for _ in range(HANDS)]
    )

    assert PointEntry.objects.get().points == 75
    check_ledger(clinic.patient.pk)


def test_spending_and_expiring_at_once_take_no_point_twice(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 100, now=now, live_days=10)
    give_points(clinic.patient.pk, 70, now=now)
    later = now + timedelta(days=10)

    def expire() -> bool:
        return expire_points_next(now=later)

    def spend() -> bool:
        return bool(spend_at_once(clinic, later))

    run_at_once([expire, spend, expire])

    assert PointAccount.objects.get().balance == 10
    check_ledger(clinic.patient.pk)


def test_control_without_the_lock_more_is_spent_than_there_is(
    clinic: Clinic, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody_has_read = Barrier(HANDS, timeout=30)

    def read_without_lock(patient_id: int, *, now: datetime) -> PointAccount:
        return PointAccount.objects.get(pk=patient_id)

    def read_lots_together(patient_id: int) -> list[Lot]:
        lots = list_lots(patient_id)
        everybody_has_read.wait()
        return lots

    give_points(clinic.patient.pk, 100, now=now)
    monkeypatch.setattr(spending, "lock_account", read_without_lock)
    monkeypatch.setattr(ledger, "list_lots", read_lots_together)
    spend_at_once(clinic, now)

    assert sum_of_entries() < 0
