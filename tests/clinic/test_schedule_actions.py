from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic.actions import (
    EndsBeforeStart,
    OutsideBranchHours,
    ShiftInPast,
    ShiftOrder,
    ShiftOverlaps,
    TimeOffInPast,
    TimeOffOrder,
    TimeOffOverlaps,
    WorksElsewhere,
    add_shifts,
    add_times_off,
    change_shift,
    change_time_off,
    remove_shift,
    remove_time_off,
)
from clinic.models import Shift, TimeOff, User
from outbox.errors import Refused
from outbox.models import Event
from tests.factories import DAY, Clinic, make_branch, make_clinic, make_time_off

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


def order_shift(clinic: Clinic, *periods: tuple[str, str], on: date = NEXT) -> ShiftOrder:
    return ShiftOrder(
        employee_id=clinic.doctor.pk,
        branch_id=clinic.branch.pk,
        periods=[(clinic.at(starts, on), clinic.at(ends, on)) for starts, ends in periods],
    )


def order_absence(clinic: Clinic, starts: str, ends: str, on: date = DAY) -> TimeOffOrder:
    return TimeOffOrder(
        employee_id=clinic.doctor.pk,
        kind=TimeOff.Kind.TRAINING,
        periods=[(clinic.at(starts, on), clinic.at(ends, on))],
        note="конференция",
    )


def test_shifts_are_added_and_recorded(clinic: Clinic, olga: User) -> None:
    order = order_shift(clinic, ("09:00", "13:00"), ("13:00", "17:00"))

    made = add_shifts(order=order, actor_id=olga.pk, now=NOW)

    assert [(shift.starts_at, shift.ends_at) for shift in made] == list(order.periods)
    facts = Event.objects.filter(name="clinic.ShiftAdded", actor_id=olga.pk)
    assert [fact.payload["shift_id"] for fact in facts.order_by("id")] == [s.pk for s in made]


@pytest.mark.parametrize(
    ("period", "on", "refusal"),
    [
        (("13:00", "09:00"), NEXT, EndsBeforeStart),
        (("07:00", "12:00"), NEXT, OutsideBranchHours),
        (("12:00", "21:30"), NEXT, OutsideBranchHours),
        (("17:30", "20:00"), DAY, ShiftOverlaps),
        (("09:00", "11:00"), date(2026, 11, 30), ShiftInPast),
    ],
)
def test_one_wrong_shift_stops_them_all(
    clinic: Clinic, period: tuple[str, str], on: date, refusal: type[Refused]
) -> None:
    wrong = order_shift(clinic, period, on=on).periods
    order = order_shift(clinic, ("09:00", "10:00"))
    both = ShiftOrder(
        employee_id=order.employee_id, branch_id=order.branch_id, periods=[*order.periods, *wrong]
    )

    with pytest.raises(refusal):
        add_shifts(order=both, actor_id=None, now=NOW)

    assert (Shift.objects.count(), Event.objects.count()) == (1, 0)


def test_nobody_gets_a_shift_where_they_do_not_work(clinic: Clinic) -> None:
    order = order_shift(clinic, ("09:00", "12:00"))
    elsewhere = ShiftOrder(
        employee_id=order.employee_id, branch_id=make_branch().pk, periods=order.periods
    )

    with pytest.raises(WorksElsewhere):
        add_shifts(order=elsewhere, actor_id=None, now=NOW)

    assert Shift.objects.count() == 1


def test_a_shift_gets_other_hours(clinic: Clinic) -> None:
    shift = Shift.objects.get()
    starts_at, ends_at = clinic.at("12:00"), clinic.at("20:00")

    change_shift(shift_id=shift.pk, starts_at=starts_at, ends_at=ends_at, actor_id=None, now=NOW)

    shift.refresh_from_db()
    assert (shift.starts_at, shift.ends_at) == (starts_at, ends_at)
    assert Event.objects.get().name == "clinic.ShiftChanged"


def test_a_shift_goes(clinic: Clinic) -> None:
    remove_shift(shift_id=Shift.objects.get().pk, actor_id=None, now=NOW)

    assert not Shift.objects.exists()
    assert Event.objects.get().name == "clinic.ShiftRemoved"


def test_what_was_worked_stays(clinic: Clinic) -> None:
    shift = Shift.objects.get()
    told: dict[str, Any] = {"shift_id": shift.pk, "actor_id": None, "now": clinic.at("18:00")}

    with pytest.raises(ShiftInPast):
        remove_shift(**told)
    with pytest.raises(ShiftInPast):
        change_shift(**told, starts_at=clinic.at("19:00"), ends_at=clinic.at("20:00"))

    assert Shift.objects.get().ends_at == shift.ends_at


def test_an_absence_may_have_begun_but_not_ended(clinic: Clinic) -> None:
    order = order_absence(clinic, "09:00", "18:00")

    with pytest.raises(TimeOffInPast):
        add_times_off(order=order, actor_id=None, now=clinic.at("18:00"))
    assert not TimeOff.objects.exists()
    (absence,) = add_times_off(order=order, actor_id=None, now=clinic.at("10:00"))

    assert (absence.kind, absence.note) == ("TRAINING", "конференция")
    assert Event.objects.get().payload["kind"] == "TRAINING"


def test_nobody_is_away_twice(clinic: Clinic) -> None:
    make_time_off(clinic.doctor, clinic.branch, "09:00", "12:00")

    with pytest.raises(TimeOffOverlaps):
        add_times_off(order=order_absence(clinic, "11:00", "13:00"), actor_id=None, now=NOW)

    assert TimeOff.objects.count() == 1


def test_an_absence_is_changed_and_taken_away(clinic: Clinic) -> None:
    absence = make_time_off(clinic.doctor, clinic.branch, "09:00", "12:00")
    order = order_absence(clinic, "10:00", "13:00")

    change_time_off(time_off_id=absence.pk, order=order, actor_id=None, now=NOW)
    absence.refresh_from_db()

    assert (absence.starts_at, absence.kind) == (clinic.at("10:00"), "TRAINING")
    remove_time_off(time_off_id=absence.pk, actor_id=None, now=NOW)
    assert not TimeOff.objects.exists()
    assert [event.name for event in Event.objects.order_by("id")] == [
        "clinic.TimeOffChanged",
        "clinic.TimeOffRemoved",
    ]
