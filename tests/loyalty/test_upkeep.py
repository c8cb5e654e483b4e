from datetime import datetime, timedelta

import pytest

from clinic.models import User
from loyalty.actions import (
    AdjustmentKeyReused,
    NoReason,
    NotEnoughPoints,
    WrongPoints,
    adjust_points,
    expire_points_next,
    recount_accounts,
    spend_points,
)
from loyalty.models import PointAccount, PointEntry, PointKind
from tests.factories import Clinic, make_patient
from tests.loyalty.factories import balance_of, check_ledger, give_points

DAY = timedelta(days=1)


def adjust(clinic: Clinic, points: int, now: datetime, key: str = "k", note: str = "gift") -> None:
    adjust_points(
        patient_id=clinic.patient.pk, points=points, note=note, key=key, actor_id=None, now=now
    )


def test_what_is_left_of_a_lot_expires_and_nothing_else(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 100, now=now, live_days=10)
    give_points(clinic.patient.pk, 50, now=now, live_days=20)
    spend_points(patient_id=clinic.patient.pk, points=30, source="s", actor_id=None, now=now)

    assert not expire_points_next(now=now + 10 * DAY - timedelta(seconds=1))
    assert expire_points_next(now=now + 10 * DAY)
    assert not expire_points_next(now=now + 10 * DAY)

    expired = PointEntry.objects.get(kind=PointKind.EXPIRED)
    assert (expired.points, expired.lot and expired.lot.points) == (-70, 100)
    assert balance_of(clinic.patient.pk) == 50
    check_ledger(clinic.patient.pk)


def test_each_step_takes_one_account(clinic: Clinic, now: datetime) -> None:
    others = [clinic.patient, make_patient()]
    for patient in others:
        give_points(patient.pk, 10, now=now, live_days=1)

    steps = [expire_points_next(now=now + DAY) for _ in range(3)]

    assert steps == [True, True, False]


def test_a_manager_gives_and_takes_with_a_reason(
    clinic: Clinic, now: datetime, viktor: User
) -> None:
    adjust_points(
        patient_id=clinic.patient.pk,
        points=500,
        note=" за терпение ",
        key="a",
        actor_id=viktor.pk,
        now=now,
    )
    adjust(clinic, -200, now, "b", "ошибка")

    rows = PointEntry.objects.order_by("id").values_list("kind", "points", "note", "actor")
    assert list(rows) == [
        (PointKind.ADJUSTED, 500, "за терпение", viktor.pk),
        (PointKind.ADJUSTED, -200, "ошибка", None),
    ]
    check_ledger(clinic.patient.pk)


@pytest.mark.parametrize("points", [500, -50])
def test_a_correction_sent_twice_is_one(clinic: Clinic, now: datetime, points: int) -> None:
    give_points(clinic.patient.pk, 100, now=now)

    for _ in range(2):
        adjust(clinic, points, now)

    assert balance_of(clinic.patient.pk) == 100 + points


def test_a_key_of_another_correction_is_refused(clinic: Clinic, now: datetime) -> None:
    adjust(clinic, 500, now)

    with pytest.raises(AdjustmentKeyReused):
        adjust(clinic, 501, now)

    assert balance_of(clinic.patient.pk) == 500


@pytest.mark.parametrize(
    ("points", "note", "refusal"),
    [
        (0, "x", WrongPoints),
        (1_000_001, "x", WrongPoints),
        (5, " ", NoReason),
        (-101, "x", NotEnoughPoints),
    ],
)
def test_a_correction_that_makes_no_sense_changes_nothing(
    clinic: Clinic, now: datetime, points: int, note: str, refusal: type[Exception]
) -> None:
    give_points(clinic.patient.pk, 100, now=now)

    with pytest.raises(refusal):
        adjust(clinic, points, now, note=note)

    assert balance_of(clinic.patient.pk) == 100
    assert PointEntry.objects.count() == 1


def test_the_accounts_are_recounted_from_the_ledger(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 100, now=now, live_days=10)
    spend_points(patient_id=clinic.patient.pk, points=100, source="s", actor_id=None, now=now)
    give_points(clinic.patient.pk, 70, now=now, live_days=20)
    PointAccount.objects.all().delete()

    recount_accounts()

    account = PointAccount.objects.get()
    assert (account.balance, account.next_expiry_at) == (70, now + 20 * DAY)
