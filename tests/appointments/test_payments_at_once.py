"""Two tills and one bill, on real connections, with a control that has no lock."""

from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest

from appointments.actions import payments
from appointments.actions.payments import PaymentTooLarge, take_payment
from appointments.actions.visits import finish_visit
from appointments.models import Payment, PaymentMethod, Visit
from tests.factories import Clinic, make_appointment, make_clinic
from tests.threads import run_at_once

TILLS = 6


@pytest.fixture
def clinic(transactional_db: None) -> Clinic:
    return make_clinic()


@pytest.fixture
def visit(clinic: Clinic) -> Visit:
    """2,500 roubles owed."""
    appointment = make_appointment(clinic)
    now = clinic.at("10:30")
    return finish_visit(appointment_id=appointment.pk, lines=[], actor_id=None, now=now)


def pay_at_once(clinic: Clinic, visit: Visit, *, same_key: bool = False) -> list[object]:
    return list(
        run_at_once(
            [
                partial(
                    take_payment,
                    visit_id=visit.pk,
                    method=PaymentMethod.CASH,
                    amount=Decimal(1000),
                    key="k" if same_key else f"till-{till}",
                    actor_id=None,
                    now=clinic.at("10:40"),
                )
                for till in range(TILLS)
            ]
        )
    )


def money_in() -> Decimal:
    return sum(Payment.objects.values_list("amount", flat=True), Decimal(0))


def test_payments_at_once_do_not_exceed_the_bill(clinic: Clinic, visit: Visit) -> None:
    answers = pay_at_once(clinic, visit)

    assert sum(isinstance(answer, Payment) for answer in answers) == 2
    assert sum(isinstance(answer, PaymentTooLarge) for answer in answers) == TILLS - 2
    visit.refresh_from_db()
    assert visit.paid == money_in() == Decimal(2000)


def test_one_request_sent_at_once_is_one_payment(clinic: Clinic, visit: Visit) -> None:
    answers = pay_at_once(clinic, visit, same_key=True)

    assert {answer.pk for answer in answers if isinstance(answer, Payment)} == {
        Payment.objects.get().pk
    }
    assert all(isinstance(answer, Payment) for answer in answers)


def test_control_without_the_lock_more_comes_in_than_is_owed(
    clinic: Clinic, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody_has_read = Barrier(TILLS, timeout=30)

    def read_without_lock(visit_id: int) -> Visit:
        found = Visit.objects.select_related("appointment").get(pk=visit_id)
        everybody_has_read.wait()
        return found

    monkeypatch.setattr(payments, "lock_visit", read_without_lock)

    pay_at_once(clinic, visit)

    visit.refresh_from_db()
    assert money_in() > visit.paid
