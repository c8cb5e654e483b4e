from decimal import Decimal
from typing import Any

import pytest

from appointments.actions import LineInput, NoLines, PaymentKeyReused, finish_visit
from appointments.models import Appointment, Payment, Visit
from desk.actions.check_out import (
    BillChangedMeanwhile,
    CheckedOut,
    CheckOutOrder,
    NothingToPayInCash,
    TooMuch,
    check_out,
)
from desk.queries.check_out import seal_bill
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


def test_every_way_of_paying_goes_into_one_bill(booked: Appointment) -> None:
    give_points(booked.patient_id, 1000, now=NINE)
    told: dict[str, Any] = {
        "points": 500,
        "card": Decimal(600),
        "transfer": Decimal(700),
        "cash": Decimal(1000),
    }

    first, again = pay(booked, **told), pay(booked, **told)

    assert payments() == {"POINTS": 500, "CARD": 600, "TRANSFER": 700, "CASH": 700}
    assert first.change == again.change == 300
    with pytest.raises(PaymentKeyReused):
        pay(booked, **told | {"transfer": Decimal(1)})


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


def seal_of(booked: Appointment) -> str:
    booked.refresh_from_db()
    visit = Visit.objects.filter(appointment=booked).first()
    return seal_bill(appointment=booked, visit=visit)


def test_a_bill_that_a_colleague_has_changed_is_not_overwritten(booked: Appointment) -> None:
    seen = seal_of(booked)
    dearer = [LineInput(service_id=booked.service_id, price=Decimal(3000))]
    pay(booked, key="colleague", lines=dearer, seen=seen)

    with pytest.raises(BillChangedMeanwhile):
        pay(booked, card=Decimal(2500), seen=seen)

    assert Visit.objects.get().total == 3000
    assert not Payment.objects.exists()


def test_a_part_paid_at_another_till_is_looked_at_first(booked: Appointment) -> None:
    pay(booked, key="bill")
    seen = seal_of(booked)
    pay(booked, key="colleague", cash=Decimal(1000), seen=seen)

    with pytest.raises(BillChangedMeanwhile):
        pay(booked, cash=Decimal(1000), seen=seen)

    assert payments() == {"CASH": 1000}


def test_a_doctor_who_finishes_meanwhile_surprises_nobody(booked: Appointment) -> None:
    seen = seal_of(booked)
    finish_visit(appointment_id=booked.pk, lines=[], actor_id=None, now=NINE)

    assert pay(booked, card=Decimal(2500), seen=seen).visit.paid == 2500


def test_the_same_bill_saved_twice_is_no_conflict(booked: Appointment) -> None:
    seen = seal_of(booked)
    dearer = [LineInput(service_id=booked.service_id, price=Decimal(3000))]

    pay(booked, lines=dearer, seen=seen)
    again = pay(booked, lines=dearer, seen=seen)

    assert again.visit.total == 3000
