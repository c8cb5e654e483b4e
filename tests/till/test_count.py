from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from appointments.actions import WrongAmount
from appointments.models import Appointment
from clinic.models import User
from desk.actions.check_out import CheckOutOrder, check_out
from outbox.models import Event
from tests.factories import Clinic
from tests.till.conftest import NOON
from till.actions import TillIsClosed, TillIsOpen, close_till, open_till
from till.models import TillShift
from till.queries import count_expected

LATER = NOON + timedelta(hours=6)


@pytest.fixture
def shift(clinic: Clinic, olga: User) -> TillShift:
    return open_till(branch_id=clinic.branch.pk, opening=Decimal(5000), actor_id=olga.pk, now=NOON)


def close(shift: TillShift, counted: str, *, actor_id: int | None = None) -> TillShift:
    return close_till(
        shift_id=shift.pk, counted=Decimal(counted), note="", actor_id=actor_id, now=LATER
    )


def test_the_drawer_should_hold_the_opening_and_the_cash(
    shift: TillShift, booked: Appointment
) -> None:
    order = CheckOutOrder(lines=None, key="k" * 8, card=Decimal(500), cash=Decimal(5000))
    check_out(appointment_id=booked.pk, order=order, actor_id=None, now=NOON + timedelta(minutes=5))

    closed = close(shift, "6900")

    assert count_expected(closed, now=LATER) == 7000
    fact = Event.objects.get(name="till.TillClosed").payload
    assert (fact["counted"], fact["expected"]) == ("6900", "7000.00")


def test_one_shift_of_a_branch_is_open_at_a_time(shift: TillShift, clinic: Clinic) -> None:
    with pytest.raises(TillIsOpen):
        open_till(branch_id=clinic.branch.pk, opening=Decimal(0), actor_id=None, now=LATER)

    assert TillShift.objects.get() == shift


def test_the_same_count_again_changes_nothing_and_another_is_refused(shift: TillShift) -> None:
    close(shift, "5000")
    close(shift, "5000")

    with pytest.raises(TillIsClosed):
        close(shift, "4000")
    assert TillShift.objects.get().counted == 5000
    assert Event.objects.filter(name="till.TillClosed").count() == 1


@pytest.mark.parametrize("counted", ["-1", "0.001", "NaN", "100000000"])
def test_a_sum_that_is_none_is_refused(shift: TillShift, counted: str) -> None:
    with pytest.raises(WrongAmount):
        close(shift, counted)


def test_the_database_keeps_a_closed_shift(shift: TillShift) -> None:
    close(shift, "5000")

    with pytest.raises(DatabaseError), transaction.atomic():
        TillShift.objects.update(counted=1)
