"""Money ahead for a booking: who pays it, what becomes of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from appointments.actions import (
    BookingPrepayment,
    NotUpcoming,
    PaymentKeyReused,
    PaymentTooLarge,
    PrepaymentKept,
    PrepaymentNeeded,
    RefundTooLarge,
    Return,
    book_appointment,
    cancel_appointment,
    finish_visit,
    mark_no_show,
    refund_payment,
    return_for_booking,
    take_for_booking,
)
from appointments.models import Appointment, PatientTotals, Payment, Prepayment
from appointments.queries import count_prepaid, find_prepay_rule
from clinic.models import Setting
from tests.appointments.factories import make_order
from tests.factories import Clinic, make_appointment
from tests.threads import run_at_once

Take = Callable[..., Prepayment]


@pytest.fixture
def booked(clinic: Clinic) -> Appointment:
    """A visit of 2500 roubles at ten."""
    return make_appointment(clinic, "10:00")


@pytest.fixture
def take(clinic: Clinic, booked: Appointment) -> Take:
    def take(amount: str = "1000", **told: Any) -> Prepayment:
        defaults: dict[str, Any] = {
            "appointment_id": booked.pk,
            "method": "CARD",
            "key": f"ahead-{amount}",
        }
        order = BookingPrepayment(amount=Decimal(amount), **defaults | told)
        return take_for_booking(order=order, actor_id=None, now=clinic.at("09:00"))

    return take


def give_back(clinic: Clinic, row: Prepayment, amount: str = "1000", **told: Any) -> Prepayment:
    defaults: dict[str, Any] = {"key": "back", "reason": "asked"}
    order = Return(prepayment_id=row.pk, amount=Decimal(amount), **defaults | told)
    return return_for_booking(order=order, actor_id=None, now=clinic.at("12:00"))


def finish(clinic: Clinic, booked: Appointment) -> Any:
    return finish_visit(appointment_id=booked.pk, lines=[], actor_id=None, now=clinic.at("10:30"))


def test_what_was_paid_ahead_pays_the_bill(clinic: Clinic, booked: Appointment, take: Take) -> None:
    take("1000")
    take("500", method="CASH")

    visit = finish(clinic, booked)

    visit.refresh_from_db()
    assert visit.total == 2500
    assert visit.paid == 1500
    assert dict(Payment.objects.values_list("method", "amount")) == {"CARD": 1000, "CASH": 500}
    assert count_prepaid(appointment_id=booked.pk) == 0
    totals = PatientTotals.objects.get()
    assert totals.spent == 1500
    assert totals.debt == 1000


def test_no_more_than_the_price_is_taken_and_a_key_counts_once(take: Take) -> None:
    first, again = take("2000", key="one"), take("2000", key="one")

    assert first.pk == again.pk
    with pytest.raises(PaymentTooLarge) as refusal:
        take("501")
    assert refusal.value.details == {"left": "500.00"}
    with pytest.raises(PaymentKeyReused):
        take("1", key="one")


def test_a_finished_visit_takes_no_prepayment(
    clinic: Clinic, booked: Appointment, take: Take
) -> None:
    finish(clinic, booked)

    with pytest.raises(NotUpcoming):
        take()


@pytest.mark.parametrize(
    ("hours", "reason", "goes_back"),
    [
        (25, "PATIENT_ASKED", True),
        (23, "PATIENT_ASKED", False),
        (23, "DOCTOR_ABSENT", True),
    ],
)
def test_the_rule_of_the_clinic_says_whether_it_goes_back(
    clinic: Clinic, booked: Appointment, take: Take, hours: int, reason: str, goes_back: bool
) -> None:
    row = take()
    cancel_appointment(
        appointment_id=booked.pk,
        reason=reason,
        by_patient=False,
        actor_id=None,
        now=booked.starts_at - timedelta(hours=hours),
    )

    if not goes_back:
        with pytest.raises(PrepaymentKept):
            give_back(clinic, row)
        assert count_prepaid(appointment_id=booked.pk) == 1000
    back = give_back(clinic, row, is_exception=not goes_back)

    assert back.amount == -1000
    assert back.method == "CARD"
    assert PatientTotals.objects.get().spent == 0


def test_who_did_not_come_gets_nothing_back(
    clinic: Clinic, booked: Appointment, take: Take
) -> None:
    row = take()
    mark_no_show(appointment_id=booked.pk, actor_id=None, now=clinic.at("11:00"))

    with pytest.raises(PrepaymentKept):
        give_back(clinic, row)


def test_a_bill_less_than_the_prepayment_leaves_the_rest_to_give_back(
    clinic: Clinic, booked: Appointment, take: Take
) -> None:
    row = take("2500")
    Appointment.objects.filter(pk=booked.pk).update(price=2000)
    finish(clinic, booked)

    assert count_prepaid(appointment_id=booked.pk) == 500
    with pytest.raises(RefundTooLarge):
        give_back(clinic, row, "501")
    give_back(clinic, row, "500", key="rest")
    assert count_prepaid(appointment_id=booked.pk) == 0


def test_what_paid_the_bill_is_refunded_like_any_payment(
    clinic: Clinic, booked: Appointment, take: Take
) -> None:
    take()
    finish(clinic, booked)
    payment = Payment.objects.get()

    refund_payment(
        payment_id=payment.pk,
        amount=Decimal(1000),
        key="back",
        actor_id=None,
        now=clinic.at("11:00"),
    )

    assert PatientTotals.objects.get().spent == 0


def test_the_database_moves_no_other_sum_into_the_bill(
    clinic: Clinic, booked: Appointment, take: Take
) -> None:
    row = take()
    visit = finish(clinic, booked)
    moved = Prepayment.objects.create(
        patient_id=row.patient_id,
        branch_id=row.branch_id,
        appointment=booked,
        method="CARD",
        amount=-1,
        refund_of=row,
        is_moved=True,
        key="x",
        at=clinic.at("11:00"),
    )

    with pytest.raises(IntegrityError, match="is not what prepayment"), transaction.atomic():
        Payment.objects.create(
            visit=visit, method="CARD", amount=2, ahead=moved, key="y", at=clinic.at("11:00")
        )


def test_after_no_shows_the_patient_books_by_phone_only(clinic: Clinic) -> None:
    Setting.objects.update_or_create(pk=1, defaults={"prepay_after_no_shows": 2})
    for days in (10, 20, 400):
        make_appointment(
            clinic, on=clinic.at("10:00").date() - timedelta(days=days), status="NO_SHOW"
        )
    now = clinic.at("08:00")
    order = partial(make_order, clinic, "15:00")

    rule = find_prepay_rule(patient_id=clinic.patient.pk, now=now)
    assert rule is not None
    assert rule.no_shows == 2
    assert rule.ask(Decimal("2500.50")) == 1251
    with pytest.raises(PrepaymentNeeded) as refusal:
        book_appointment(order=order(by_patient=True), actor_id=None, now=now)
    assert "+7 495 123-45-67" in str(refusal.value).replace("\xa0", " ")
    assert book_appointment(order=order(), actor_id=None, now=now).status == "BOOKED"


def test_without_the_rule_nobody_pays_ahead(clinic: Clinic) -> None:
    make_appointment(clinic, "09:00", status="NO_SHOW")

    assert find_prepay_rule(patient_id=clinic.patient.pk, now=clinic.at("12:00")) is None


@pytest.mark.django_db(transaction=True)
def test_the_last_rouble_goes_back_once(clinic: Clinic, booked: Appointment, take: Take) -> None:
    row = take()

    jobs = [partial(give_back, clinic, row, key=f"back-{number}") for number in range(5)]
    done = run_at_once(jobs)

    assert sum(isinstance(one, RefundTooLarge) for one in done) == 4
    assert count_prepaid(appointment_id=booked.pk) == 0
