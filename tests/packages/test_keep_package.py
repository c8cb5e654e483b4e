from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from appointments.models import PatientTotals, Prepayment
from outbox.models import Event
from packages.actions import (
    NoFreezeLeft,
    NotTransferable,
    SameOwner,
    WrongState,
    finish_covered,
    freeze_package,
    keep_time_next,
    refund_package,
    share_package,
    transfer_package,
    unfreeze_package,
    warn_of_end_next,
)
from packages.models import Package, PackageEntry
from tests.factories import Clinic, make_patient
from tests.packages.factories import book, check_ledger, left_of, make_type, sell


def freeze(package: Package, now: datetime, key: str = "k") -> Package:
    return freeze_package(package_id=package.pk, key=key, actor_id=None, now=now)


def thaw(package: Package, now: datetime) -> Package:
    return unfreeze_package(package_id=package.pk, actor_id=None, now=now)


def refund(package: Package, now: datetime) -> Decimal:
    return refund_package(
        package_id=package.pk, key="refund-key", reason="переезд", actor_id=None, now=now
    )


@pytest.fixture
def freezable(clinic: Clinic, now: datetime) -> Package:
    return sell(make_type(clinic.service, freeze_days=10), clinic, now)


def test_the_term_grows_by_the_days_of_a_freeze(freezable: Package, now: datetime) -> None:
    freeze(freezable, now)

    package = thaw(freezable, now + timedelta(days=4))

    assert (package.status, package.last_on) == ("ACTIVE", date(2027, 1, 4))
    assert package.frozen_days == 4
    assert list(PackageEntry.objects.filter(sessions=0).values_list("kind", flat=True)) == [
        "FREEZE",
        "UNFREEZE",
    ]


def test_a_freeze_ends_by_itself_when_its_days_are_used_up(
    freezable: Package, now: datetime
) -> None:
    freeze(freezable, now)
    assert not keep_time_next(now=now + timedelta(days=9))

    assert keep_time_next(now=now + timedelta(days=25))

    freezable.refresh_from_db()
    assert (freezable.status, freezable.last_on) == ("ACTIVE", date(2027, 1, 10))
    with pytest.raises(NoFreezeLeft):
        freeze(freezable, now + timedelta(days=25), "again")


def test_a_freeze_asked_for_twice_is_one(freezable: Package, now: datetime) -> None:
    freeze(freezable, now)
    freeze(freezable, now)
    thaw(freezable, now + timedelta(days=1))

    freeze(freezable, now + timedelta(days=1))

    freezable.refresh_from_db()
    assert freezable.status == "ACTIVE"
    assert PackageEntry.objects.filter(kind="FREEZE").count() == 1


def test_a_frozen_package_does_not_expire(freezable: Package, now: datetime) -> None:
    almost_over = now + timedelta(days=29)
    freeze(freezable, almost_over)

    assert not keep_time_next(now=almost_over + timedelta(days=5))
    assert left_of(freezable) == 3


def test_terms_without_a_freeze_do_not_freeze(package: Package, now: datetime) -> None:
    with pytest.raises(NoFreezeLeft):
        freeze(package, now)

    assert not Event.objects.filter(name="packages.PackageFrozen").exists()


def test_the_end_of_the_term_writes_off_what_is_left(package: Package, now: datetime) -> None:
    last_minute = datetime.fromisoformat("2026-12-31T23:59+03:00")
    assert not keep_time_next(now=last_minute)

    assert keep_time_next(now=last_minute + timedelta(minutes=1))
    assert not keep_time_next(now=last_minute + timedelta(minutes=1))

    package.refresh_from_db()
    assert (package.status, left_of(package)) == ("EXPIRED", 0)
    assert Event.objects.get(name="packages.PackageExpired").payload["sessions"] == 3
    check_ledger(package)


def test_the_near_end_is_told_once(package: Package, now: datetime) -> None:
    assert not warn_of_end_next(now=now)
    soon = now + timedelta(days=17)

    assert warn_of_end_next(now=soon)
    assert not warn_of_end_next(now=soon)

    event = Event.objects.get(name="packages.PackageExpiring")
    assert event.patient_id == package.patient_id
    assert event.payload["left"] == 3


def test_a_refund_is_the_price_less_what_was_used_at_list_price(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    finish_covered(appointment_id=book(clinic).pk, actor_id=None, now=now)

    back = [refund(package, now) for _ in range(2)]

    package.refresh_from_db()
    assert back == [3500, 3500]
    assert (package.status, left_of(package)) == ("REFUNDED", 0)
    assert Prepayment.objects.get(amount__lt=0).amount == -3500
    assert PatientTotals.objects.get(pk=clinic.patient.pk).spent == 2500
    check_ledger(package)


def test_money_goes_back_by_the_ways_it_came(clinic: Clinic, now: datetime) -> None:
    kind = make_type(clinic.service)
    package = sell(kind, clinic, now, card=Decimal(2000), cash=Decimal(4000))
    finish_covered(appointment_id=book(clinic).pk, actor_id=None, now=now)

    refund(package, now)

    back = Prepayment.objects.filter(amount__lt=0)
    assert dict(back.values_list("method", "amount")) == {"CARD": -2000, "CASH": -1500}


def test_nothing_goes_back_of_what_was_used_for_more(clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(clinic.service, price=Decimal(2000)), clinic, now)
    finish_covered(appointment_id=book(clinic).pk, actor_id=None, now=now)

    assert refund(package, now) == 0
    assert not Prepayment.objects.filter(amount__lt=0).exists()


def test_what_is_over_is_not_refunded(package: Package, now: datetime) -> None:
    later = now + timedelta(days=60)

    with pytest.raises(WrongState) as refused:
        refund(package, later)

    assert refused.value.details == {"status": "EXPIRED"}
    assert not Prepayment.objects.filter(amount__lt=0).exists()


def test_a_package_is_passed_on_with_what_is_left(clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(clinic.service, is_transferable=True), clinic, now, is_family=True)
    friend = make_patient()

    for _ in range(2):
        transfer_package(
            package_id=package.pk, to_patient_id=friend.pk, key="t", actor_id=None, now=now
        )

    package.refresh_from_db()
    assert (package.patient_id, package.is_family, left_of(package)) == (friend.pk, False, 3)
    assert PackageEntry.objects.get(kind="TRANSFER").patient_id == friend.pk
    event = Event.objects.get(name="packages.PackageTransferred")
    assert (event.patient_id, event.payload["to_patient_id"]) == (clinic.patient.pk, friend.pk)


def test_a_named_package_stays_with_its_owner(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    with pytest.raises(NotTransferable):
        transfer_package(
            package_id=package.pk, to_patient_id=make_patient().pk, key="t", actor_id=None, now=now
        )

    package.refresh_from_db()
    assert package.patient_id == clinic.patient.pk


def test_the_owner_gets_no_package_of_his_own(clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(clinic.service, is_transferable=True), clinic, now)

    with pytest.raises(SameOwner):
        transfer_package(
            package_id=package.pk,
            to_patient_id=clinic.patient.pk,
            key="t",
            actor_id=None,
            now=now,
        )


def test_sharing_is_told_once(package: Package, now: datetime) -> None:
    for _ in range(2):
        share_package(package_id=package.pk, is_family=True, actor_id=None, now=now)

    package.refresh_from_db()
    assert package.is_family
    assert Event.objects.filter(name="packages.PackageShared").count() == 1
