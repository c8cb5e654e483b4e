from decimal import Decimal

import pytest

from appointments.actions.payments import (
    NotRefundable,
    PaymentKeyReused,
    PaymentTooLarge,
    RefundTooLarge,
    WrongAmount,
    refund_payment,
    reverse_payment,
    take_payment,
)
from appointments.actions.visits import finish_visit
from appointments.models import PatientTotals, Payment, PaymentMethod, Visit
from clinic.models import User
from outbox.models import Event
from tests.factories import Clinic, make_appointment


@pytest.fixture
def visit(clinic: Clinic) -> Visit:
    """Finished, 2,500 roubles owed."""
    appointment = make_appointment(clinic)
    now = clinic.at("10:30")
    return finish_visit(appointment_id=appointment.pk, lines=[], actor_id=None, now=now)


def pay(
    clinic: Clinic, visit: Visit, amount: str, key: str = "k", method: str = PaymentMethod.CASH
) -> Payment:
    return take_payment(
        visit_id=visit.pk,
        method=method,
        amount=Decimal(amount),
        key=key,
        actor_id=None,
        now=clinic.at("10:40"),
    )


def refund(clinic: Clinic, payment: Payment, amount: str, key: str = "r") -> Payment:
    return refund_payment(
        payment_id=payment.pk,
        amount=Decimal(amount),
        key=key,
        actor_id=None,
        now=clinic.at("10:50"),
        reason="аллергия",
    )


def reverse(clinic: Clinic, payment: Payment, key: str = "u") -> Payment:
    return reverse_payment(
        payment_id=payment.pk, key=key, actor_id=None, now=clinic.at("10:50"), reason="не та касса"
    )


def sums(visit: Visit) -> tuple[str, str, str]:
    visit.refresh_from_db()
    return str(visit.total), str(visit.paid), str(visit.returned)


def test_a_payment_is_stored_counted_and_told(clinic: Clinic, visit: Visit, olga: User) -> None:
    payment = take_payment(
        visit_id=visit.pk,
        method=PaymentMethod.CARD,
        amount=Decimal("2500.00"),
        key="k",
        actor_id=olga.pk,
        now=clinic.at("10:40"),
    )

    assert (payment.amount, payment.method, payment.actor) == (Decimal(2500), "CARD", olga)
    assert sums(visit) == ("2500.00", "2500.00", "0.00")
    totals = PatientTotals.objects.get()
    assert (totals.spent, totals.debt) == (Decimal(2500), Decimal(0))
    event = Event.objects.order_by("id").last()
    assert event is not None
    assert (event.name, event.patient_id) == ("appointments.PaymentTaken", clinic.patient.pk)
    assert event.payload == {
        "appointment_id": visit.appointment_id,
        "payment_id": payment.pk,
        "method": "CARD",
        "amount": "2500.00",
    }


def test_a_bill_is_paid_in_parts_and_the_rest_is_a_debt(clinic: Clinic, visit: Visit) -> None:
    pay(clinic, visit, "1000.10", "a")
    pay(clinic, visit, "999.90", "b", PaymentMethod.CARD)

    assert sums(visit) == ("2500.00", "2000.00", "0.00")
    assert PatientTotals.objects.get().debt == Decimal(500)


def test_the_same_key_is_the_same_payment(clinic: Clinic, visit: Visit) -> None:
    first, again = pay(clinic, visit, "1000"), pay(clinic, visit, "1000")

    assert again.pk == first.pk
    assert sums(visit)[1] == "1000.00"
    assert Event.objects.filter(name="appointments.PaymentTaken").count() == 1


def test_a_key_of_another_payment_is_refused(clinic: Clinic, visit: Visit) -> None:
    pay(clinic, visit, "1000")

    with pytest.raises(PaymentKeyReused):
        pay(clinic, visit, "1001")

    assert Payment.objects.count() == 1


@pytest.mark.parametrize("amount", ["0", "-1", "0.001"])
def test_a_sum_that_is_no_money_is_refused(clinic: Clinic, visit: Visit, amount: str) -> None:
    with pytest.raises(WrongAmount):
        pay(clinic, visit, amount)

    assert not Payment.objects.exists()


def test_nobody_pays_more_than_is_owed(clinic: Clinic, visit: Visit) -> None:
    pay(clinic, visit, "2000", "a")

    with pytest.raises(PaymentTooLarge) as refused:
        pay(clinic, visit, "500.01", "b")

    assert refused.value.details == {"left": "500.00"}
    assert sums(visit)[1] == "2000.00"
    assert Payment.objects.count() == 1


def test_a_refund_gives_back_and_is_owed_no_more(clinic: Clinic, visit: Visit) -> None:
    payment = pay(clinic, visit, "2500")

    given = refund(clinic, payment, "700.50")

    assert (given.amount, given.refund_of, given.method) == (Decimal("-700.50"), payment, "CASH")
    assert given.reason == "аллергия"
    assert sums(visit) == ("1799.50", "1799.50", "700.50")
    totals = PatientTotals.objects.get()
    assert (totals.spent, totals.debt) == (Decimal("1799.50"), Decimal(0))
    event = Event.objects.order_by("id").last()
    assert event is not None
    assert event.name == "appointments.PaymentRefunded"
    assert (event.payload["payment_id"], event.payload["amount"]) == (given.pk, "700.50")


def test_a_refund_sent_twice_is_one(clinic: Clinic, visit: Visit) -> None:
    payment = pay(clinic, visit, "2500")

    assert refund(clinic, payment, "700").pk == refund(clinic, payment, "700").pk

    assert sums(visit) == ("1800.00", "1800.00", "700.00")


def test_no_more_is_given_back_than_was_paid(clinic: Clinic, visit: Visit) -> None:
    payment = pay(clinic, visit, "1000")
    refund(clinic, payment, "600", "a")

    with pytest.raises(RefundTooLarge) as refused:
        refund(clinic, payment, "400.01", "b")

    assert refused.value.details == {"left": "400.00"}
    assert sums(visit) == ("1900.00", "400.00", "600.00")


def test_a_refund_is_not_refunded(clinic: Clinic, visit: Visit) -> None:
    given = refund(clinic, pay(clinic, visit, "1000"), "600", "a")

    with pytest.raises(NotRefundable):
        refund(clinic, given, "1", "b")

    assert Payment.objects.count() == 2


def test_a_payment_by_mistake_is_undone_and_owed_again(clinic: Clinic, visit: Visit) -> None:
    payment = pay(clinic, visit, "2500")
    refund(clinic, payment, "500", "a")

    for _ in range(2):
        undone = reverse(clinic, payment)

    assert undone.amount == Decimal(-2000)
    assert sums(visit) == ("2000.00", "0.00", "500.00")
    assert PatientTotals.objects.get().debt == Decimal(2000)
    with pytest.raises(RefundTooLarge):
        reverse(clinic, payment, "other")


def test_points_go_back_whole(clinic: Clinic, visit: Visit) -> None:
    payment = pay(clinic, visit, "500", method=PaymentMethod.POINTS)

    with pytest.raises(WrongAmount):
        refund(clinic, payment, "0.50")

    assert sums(visit) == ("2500.00", "500.00", "0.00")
