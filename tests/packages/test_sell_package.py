from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from appointments.models import PatientTotals, Prepayment
from outbox.models import Event
from packages.actions import (
    NotOnSale,
    PartRule,
    PriceNotMet,
    SaleKeyReused,
    SaleOrder,
    TypeRule,
    save_type,
    sell_package,
    take_off_sale,
)
from packages.models import Package, PackageEntry, PackagePrice, PackageType
from tests.factories import Clinic, make_patient, make_service
from tests.packages.factories import check_ledger, left_of, make_type, sell


@pytest.fixture
def order(clinic: Clinic, kind: PackageType) -> SaleOrder:
    return SaleOrder(
        type_id=kind.pk,
        patient_id=clinic.patient.pk,
        branch_id=clinic.branch.pk,
        card=Decimal(5000),
        cash=Decimal(1000),
        key="order-key",
    )


def buy(order: SaleOrder, now: datetime) -> Package:
    return sell_package(order=order, actor_id=None, now=now)


def test_a_package_is_sold_for_its_price(clinic: Clinic, order: SaleOrder, now: datetime) -> None:
    package = buy(order, now)

    assert (package.status, package.last_on) == ("ACTIVE", date(2026, 12, 31))
    assert left_of(package) == 3
    assert dict(Prepayment.objects.values_list("method", "amount")) == {"CARD": 5000, "CASH": 1000}
    assert PatientTotals.objects.get(pk=clinic.patient.pk).spent == 6000
    event = Event.objects.get(name="packages.PackageSold")
    assert event.payload == {"package_id": package.pk, "amount": "6000.00"}
    check_ledger(package)


def test_a_repeated_request_is_the_same_sale(order: SaleOrder, now: datetime) -> None:
    first, second = buy(order, now), buy(order, now)

    assert first == second
    assert Package.objects.count() == 1
    assert Prepayment.objects.count() == 2


def test_the_key_of_another_sale_is_refused(order: SaleOrder, now: datetime) -> None:
    buy(order, now)

    with pytest.raises(SaleKeyReused):
        buy(replace(order, patient_id=make_patient().pk), now)

    assert Package.objects.count() == 1


@pytest.mark.parametrize(
    "sums",
    [
        {"card": Decimal(5999), "cash": Decimal(0)},
        {"card": Decimal(6000), "cash": Decimal(1)},
        {"card": Decimal(7000), "cash": Decimal(-1000)},
    ],
)
def test_another_sum_than_the_price_sells_nothing(
    order: SaleOrder, now: datetime, sums: dict[str, Any]
) -> None:
    with pytest.raises(PriceNotMet) as refused:
        buy(replace(order, **sums), now)

    assert refused.value.details == {"price": "6000.00"}
    assert not Package.objects.exists()
    assert not Prepayment.objects.exists()


def test_what_is_off_sale_is_not_sold(kind: PackageType, order: SaleOrder, now: datetime) -> None:
    take_off_sale(type_id=kind.pk)

    with pytest.raises(NotOnSale):
        buy(order, now)

    assert not Package.objects.exists()


def test_a_sold_package_keeps_its_terms(clinic: Clinic, kind: PackageType, now: datetime) -> None:
    package = sell(kind, clinic, now)
    other = make_service()
    clinic.service.price = Decimal(9999)
    clinic.service.save()

    save_type(
        rule=TypeRule(
            name="Другой",
            price=Decimal(1),
            term_days=1,
            warn_days=0,
            parts=[PartRule(sessions=1, service_ids=frozenset({other.pk}))],
        ),
        type_id=kind.pk,
    )

    package.refresh_from_db()
    assert (package.price, package.term_days, left_of(package)) == (Decimal(6000), 30, 3)
    price = PackagePrice.objects.get()
    assert (price.service, price.price) == (clinic.service, Decimal(2500))


def test_a_term_that_begins_at_the_first_visit_has_no_end_yet(
    clinic: Clinic, now: datetime
) -> None:
    package = sell(make_type(clinic.service, activation="FIRST_VISIT"), clinic, now)

    assert (package.status, package.ends_at) == ("WAITING", None)


def test_parts_have_a_balance_each(clinic: Clinic, now: datetime) -> None:
    massage, exercise = make_service(), make_service()
    parts = [
        PartRule(sessions=5, service_ids=frozenset({massage.pk})),
        PartRule(sessions=2, service_ids=frozenset({exercise.pk, clinic.service.pk})),
    ]

    package = sell(make_type(parts=parts), clinic, now)

    assert [(part.sessions, part.balance) for part in package.parts.order_by("position")] == [
        (5, 5),
        (2, 2),
    ]
    assert PackageEntry.objects.filter(kind="SALE").count() == 2
    check_ledger(package)
