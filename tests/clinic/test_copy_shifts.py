from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic.actions import (
    CopyOntoItself,
    CopyOrder,
    CopyTooLong,
    Filled,
    NothingToCopy,
    WorksElsewhere,
    copy_shifts,
)
from clinic.models import BranchDay, Shift
from outbox.errors import Refused
from tests.factories import DAY, Clinic, make_branch, make_clinic, make_employee, make_shift

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


def week_order(clinic: Clinic) -> CopyOrder:
    """The week of the doctor's only shift, to the next one."""
    return CopyOrder(
        branch_id=clinic.branch.pk,
        employee_ids=[clinic.doctor.pk],
        first=DAY - timedelta(days=1),
        days=7,
        to_first=DAY - timedelta(days=1) + WEEK,
    )


def copy(order: CopyOrder) -> Filled:
    return copy_shifts(order=order, actor_id=None, now=NOW)


def test_a_week_is_copied_to_the_weeks_after_it_once(clinic: Clinic) -> None:
    order = replace(week_order(clinic), times=3)

    assert copy(order).added == 3
    assert copy(order) == Filled(added=0, removed=0, kept=[])

    starts = [shift.starts_at for shift in Shift.objects.order_by("starts_at")]
    assert starts == [clinic.at("09:00", DAY + WEEK * number) for number in range(4)]


def test_the_clock_is_copied_not_the_instant() -> None:
    clinic = make_clinic(branch=make_branch(time_zone="Europe/Berlin"))
    on = date(2027, 3, 26)
    make_shift(clinic.doctor, clinic.branch, on=on)

    copy(replace(week_order(clinic), first=on, days=1, to_first=on + timedelta(days=3)))

    assert Shift.objects.filter(starts_at=clinic.at("09:00", on + timedelta(days=3))).exists()


def test_a_colleague_takes_the_hours_over(clinic: Clinic) -> None:
    colleague = make_employee(branches=[clinic.branch])

    copy(replace(week_order(clinic), to_first=DAY - timedelta(days=1), to_employee_id=colleague.pk))

    assert Shift.objects.get(employee=colleague).starts_at == clinic.at("09:00")


def test_what_is_in_the_way_stays_and_is_told(clinic: Clinic) -> None:
    make_shift(clinic.doctor, clinic.branch, "12:00", "13:00", DAY + WEEK)
    BranchDay.objects.create(branch=clinic.branch, on=DAY + 2 * WEEK, kind="CLOSED")

    copied = copy(replace(week_order(clinic), times=3))

    assert copied.added == 1
    reasons = [(kept.on, kept.reason) for kept in copied.kept]
    assert reasons == [(DAY + WEEK, "busy"), (DAY + 2 * WEEK, "closed")]


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"days": 0}, CopyTooLong),
        ({"days": 32}, CopyTooLong),
        ({"times": 27}, CopyTooLong),
        ({"to_first": DAY}, CopyOntoItself),
        ({"first": DAY - 4 * WEEK}, NothingToCopy),
    ],
)
def test_a_wrong_copy_is_refused(
    clinic: Clinic, told: dict[str, Any], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        copy(replace(week_order(clinic), **told))

    assert Shift.objects.count() == 1


def test_only_where_the_colleague_works(clinic: Clinic) -> None:
    stranger = make_employee(branches=[make_branch()])

    with pytest.raises(WorksElsewhere):
        copy(replace(week_order(clinic), to_employee_id=stranger.pk))

    assert Shift.objects.count() == 1
