from decimal import Decimal
from typing import Any

import pytest

from appointments.actions.bill import (
    BillBelowPaid,
    LineInput,
    NoLines,
    WrongLine,
    change_bill,
    list_lines,
)
from appointments.actions.payments import refund_payment, take_payment
from appointments.actions.visits import finish_visit
from appointments.models import PatientTotals, PaymentMethod, Visit
from outbox.models import Event
from tests.factories import Clinic, make_appointment, make_service


@pytest.fixture
def visit(clinic: Clinic) -> Visit:
    appointment = make_appointment(clinic)
    now = clinic.at("10:30")
    return finish_visit(appointment_id=appointment.pk, lines=[], actor_id=None, now=now)


def change(clinic: Clinic, visit: Visit, *lines: LineInput) -> Visit:
    return change_bill(visit_id=visit.pk, lines=lines, actor_id=None, now=clinic.at("10:40"))


def test_the_bill_is_the_sum_of_its_lines(clinic: Clinic, visit: Visit) -> None:
    massage = make_service()

    change(
        clinic,
        visit,
        LineInput(service_id=clinic.service.pk, price=Decimal("2500.00")),
        LineInput(
            service_id=massage.pk, quantity=3, price=Decimal("0.30"), discount=Decimal("0.10")
        ),
    )

    visit.refresh_from_db()
    assert visit.total == Decimal("2500.80")
    assert PatientTotals.objects.get().debt == Decimal("2500.80")
    event = Event.objects.order_by("id").last()
    assert event is not None
    assert (event.name, event.payload["total"]) == ("appointments.BillChanged", "2500.80")


def test_the_same_lines_again_change_nothing(clinic: Clinic, visit: Visit) -> None:
    told = Event.objects.count()

    change(clinic, visit, *list_lines(visit))

    assert Event.objects.count() == told


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": 0},
        {"quantity": 1000},
        {"price": Decimal(-1)},
        {"price": Decimal("0.001")},
        {"price": Decimal("99999999.99"), "quantity": 2},
        {"discount": Decimal(-1)},
        {"discount": Decimal("100.01")},
    ],
)
def test_a_line_that_makes_no_sense_changes_nothing(
    clinic: Clinic, visit: Visit, wrong: dict[str, object]
) -> None:
    fields = {"service_id": clinic.service.pk, "price": Decimal(100)} | wrong

    with pytest.raises(WrongLine):
        change(clinic, visit, LineInput(**fields))  # type: ignore[arg-type]  # wrong on purpose

    visit.refresh_from_db()
    assert visit.total == clinic.service.price


def test_a_bill_has_lines(clinic: Clinic, visit: Visit) -> None:
    with pytest.raises(NoLines):
        change(clinic, visit)

    assert visit.lines.count() == 1


def test_a_bill_is_not_brought_below_what_was_paid(clinic: Clinic, visit: Visit) -> None:
    take_payment(
        visit_id=visit.pk,
        method=PaymentMethod.CARD,
        amount=Decimal("2000.00"),
        key="k",
        actor_id=None,
        now=clinic.at("10:35"),
    )

    with pytest.raises(BillBelowPaid):
        change(clinic, visit, LineInput(service_id=clinic.service.pk, price=Decimal(1999)))

    visit.refresh_from_db()
    assert (visit.total, visit.paid) == (clinic.service.price, Decimal(2000))


def pay_and_give_back(clinic: Clinic, visit: Visit) -> None:
    told: dict[str, Any] = {"amount": Decimal(2500), "actor_id": None, "now": clinic.at("10:35")}
    payment = take_payment(visit_id=visit.pk, method="CARD", key="paid", **told)
    refund_payment(payment_id=payment.pk, key="back", **told)


def test_another_bill_after_a_full_refund_is_owed_whole(clinic: Clinic, visit: Visit) -> None:
    other = make_service(price=Decimal(3000))
    pay_and_give_back(clinic, visit)

    changed = change(clinic, visit, LineInput(service_id=other.pk, price=Decimal(3000)))

    assert (changed.total, changed.returned, changed.paid) == (
        Decimal(3000),
        Decimal(0),
        Decimal(0),
    )


def test_what_was_given_back_stays_forgiven_beside_a_new_line(clinic: Clinic, visit: Visit) -> None:
    other = make_service(price=Decimal(3000))
    pay_and_give_back(clinic, visit)
    kept = LineInput(service_id=clinic.service.pk, price=Decimal(2500))

    changed = change(clinic, visit, kept, LineInput(service_id=other.pk, price=Decimal(3000)))

    assert (changed.total, changed.returned) == (Decimal(3000), Decimal(2500))
