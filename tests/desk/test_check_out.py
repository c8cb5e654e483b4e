from decimal import Decimal
from typing import Any

import pytest

from appointments.actions import LineInput, NoLines, PaymentKeyReused
from appointments.models import Appointment, Payment, Visit
from desk.actions.check_out import CheckedOut, CheckOutOrder, NothingToPayInCash, TooMuch, check_out
from loyalty.actions import TooManyPoints
from outbox.models import Event
from tests.desk.conftest import NINE
from tests.factories import Clinic, make_appointment
from tests.loyalty.factories import balance_of, give_points


@pytest.fixture
def booked(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "09:00")


def pay(booked: Appointment, *, key: str = "order-key", **sums: Any) -> CheckedOut:
    lines = sums.pop("lines", [LineInput(service_id=booked.service_id, price=Decimal(2500))])
    order = CheckOutOrder(lines=lines, key=key, **sums)
    return check_out(appointment_id=booked.pk, order=order, actor_id=None, now=NINE)


def payments() -> dict[str, Decimal]:
    return dict(Payment.objects.values_list("method", "amount"))


def test_a_visit_is_finished_and_paid(booked: Appointment) -> None:
    done = pay(booked, card=Decimal(2500))

    booked.refresh_from_db()
    assert booked.status == "DONE"
    assert done.visit.total == done.visit.paid == 2500
    assert done.change == 0
    assert payments() == {"CARD": 2500}


def test_a_payment_is_split_and_cash_brings_change(booked: Appointment) -> None:
    give_points(booked.patient_id, 1000, now=NINE)

    done = pay(booked, points=700, card=Decimal(800), cash=Decimal(2000))

    assert payments() == {"POINTS": 700, "CARD": 800, "CASH": 1000}
    assert done.change == 1000
    assert balance_of(booked.patient_id) == 300


def test_what_is_not_paid_is_a_debt_that_is_taken_later(booked: Appointment) -> None:
    first = pay(booked, cash=Decimal(1000))
    rest = pay(booked, key="later", card=Decimal(1500))

    assert first.visit.total - first.visit.paid == 1500
    assert rest.visit.paid == 2500
    assert Event.objects.filter(name="appointments.VisitFinished").count() == 1


def test_a_repeated_request_is_the_same_payment(booked: Appointment) -> None:
    give_points(booked.patient_id, 1000, now=NINE)
    sums: dict[str, Any] = {"points": 700, "card": Decimal(800), "cash": Decimal(2000)}

    first, second = pay(booked, **sums), pay(booked, **sums)

    assert Payment.objects.count() == 3
    assert first.change == second.change
    assert balance_of(booked.patient_id) == 300


def test_a_repeated_request_leaves_a_bill_changed_since(booked: Appointment) -> None:
    pay(booked, cash=Decimal(1000))
    pay(booked, key="later", lines=[LineInput(service_id=booked.service_id, price=Decimal(3000))])

    pay(booked, cash=Decimal(1000))

    assert Visit.objects.get().total == 3000


def test_the_key_of_another_payment_is_refused(booked: Appointment) -> None:
    pay(booked, card=Decimal(1000))

    with pytest.raises(PaymentKeyReused):
        pay(booked, card=Decimal(1500))


@pytest.mark.parametrize(
    ("sums", "refusal"),
    [
        ({"card": Decimal(2501)}, TooMuch),
        ({"card": Decimal(2500), "cash": Decimal(1)}, NothingToPayInCash),
        ({"points": 751}, TooManyPoints),
        ({"lines": []}, NoLines),
    ],
)
def test_a_refusal_changes_nothing(
    booked: Appointment, sums: dict[str, Any], refusal: type[Exception]
) -> None:
    give_points(booked.patient_id, 1000, now=NINE)
    events = Event.objects.count()

    with pytest.raises(refusal):
        pay(booked, **sums)

    booked.refresh_from_db()
    assert booked.status == "BOOKED"
    assert not Payment.objects.exists()
    assert not Visit.objects.exists()
    assert Event.objects.count() == events
    assert balance_of(booked.patient_id) == 1000
