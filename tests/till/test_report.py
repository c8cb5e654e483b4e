from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from appointments.actions import LineInput, refund_payment
from appointments.models import Appointment, Payment
from clinic.models import User
from desk.actions.check_out import CheckOutOrder, check_out
from packages.actions import refund_package
from packages.models import Package
from tests.factories import DAY, Clinic, make_branch
from tests.loyalty.factories import give_points
from tests.packages.factories import make_type, sell
from tests.till.conftest import NOON
from till.queries import TillFilter, describe_rows, list_rows, read_till


@pytest.fixture
def wanted(clinic: Clinic) -> TillFilter:
    return TillFilter(since=DAY, until=DAY + timedelta(days=1), branches=[clinic.branch])


@pytest.fixture
def busy(clinic: Clinic, booked: Appointment, olga: User) -> Package:
    """A visit of 2500 by four ways, a package of 6000 by three, 300 of the card given back."""
    give_points(booked.patient_id, 1000, now=NOON)
    order = CheckOutOrder(
        lines=[LineInput(service_id=booked.service_id, price=Decimal(2500))],
        key="order-key",
        points=500,
        card=Decimal(700),
        transfer=Decimal(800),
        cash=Decimal(1000),
    )
    check_out(appointment_id=booked.pk, order=order, actor_id=olga.pk, now=NOON)
    card = Payment.objects.get(method="CARD")
    refund_payment(
        payment_id=card.pk, amount=Decimal(300), key="back", actor_id=None, now=NOON, reason="late"
    )
    parts = {"card": Decimal(1000), "transfer": Decimal(2000), "cash": Decimal(3000)}
    return sell(make_type(clinic.service), clinic, NOON, **parts)


def test_the_report_sums_by_way_purpose_and_employee(
    busy: Package, olga: User, wanted: TillFilter
) -> None:
    till = read_till(wanted=wanted)

    assert {way.method: way.all.total for way in till.ways} == {
        "CASH": 3500,
        "CARD": 1400,
        "TRANSFER": 2800,
    }
    assert till.money.all.taken == 8000
    assert till.money.all.returned == 300
    assert till.money.kinds["VISIT"].taken == 2000
    assert till.money.kinds["PACKAGE"].taken == 6000
    assert till.points.all.total == 500
    assert [(one.name, one.all.total) for one in till.cashiers] == [
        ("Орлова О.", Decimal(2000)),
        ("", Decimal(5700)),
    ]


def test_every_figure_is_the_sum_of_the_rows_it_opens(busy: Package, wanted: TillFilter) -> None:
    till = read_till(wanted=wanted)

    for way in [*till.ways, till.money, till.points]:
        for kind, flow in way.kinds.items():
            asked = replace(wanted, method=way.method, kind=kind, flow="in")
            rows = describe_rows(list_rows(wanted=asked))
            assert (sum(row.amount for row in rows), len(rows)) == (flow.taken, flow.takings)
        back = describe_rows(list_rows(wanted=replace(wanted, method=way.method, flow="out")))
        assert -sum(row.amount for row in back) == way.all.returned


def test_a_package_is_refunded_by_the_ways_it_was_paid(busy: Package, wanted: TillFilter) -> None:
    refund_package(package_id=busy.pk, key="refund", reason="moves", actor_id=None, now=NOON)

    back = list_rows(wanted=replace(wanted, kind="PACKAGE", flow="out"))
    assert {(row.method, -row.amount, row.subject) for row in describe_rows(back)} == {
        ("CARD", Decimal(1000), busy.pk),
        ("TRANSFER", Decimal(2000), busy.pk),
        ("CASH", Decimal(3000), busy.pk),
    }


def test_a_day_is_that_of_the_branch(clinic: Clinic, booked: Appointment) -> None:
    far = make_branch(time_zone="Asia/Vladivostok")
    order = CheckOutOrder(lines=None, key="order-key", card=Decimal(2500))
    late = NOON.replace(hour=23, minute=30)
    check_out(appointment_id=booked.pk, order=order, actor_id=None, now=late)

    on_day = TillFilter(since=DAY, until=date(2026, 12, 2), branches=[far, clinic.branch])
    next_day = TillFilter(
        since=date(2026, 12, 2), until=date(2026, 12, 3), branches=[far, clinic.branch]
    )

    assert read_till(wanted=on_day).money.all.total == 2500
    assert read_till(wanted=next_day).is_empty
    elsewhere = replace(on_day, branches=[far])
    assert read_till(wanted=elsewhere).is_empty


def test_the_report_costs_the_same_whatever_it_sums(
    busy: Package,
    wanted: TillFilter,
    django_assert_num_queries: object,
) -> None:
    with django_assert_num_queries(3):  # type: ignore[operator]
        read_till(wanted=wanted)
