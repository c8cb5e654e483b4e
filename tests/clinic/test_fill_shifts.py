from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import event, given, settings

from clinic.actions import (
    DayDecision,
    DayHours,
    ExceptionOrder,
    Filled,
    FillOrder,
    FillTooLong,
    RotationOrder,
    RotationOverlaps,
    ShiftInPast,
    WorksElsewhere,
    WrongCycle,
    change_shift,
    decide_day,
    drop_exception,
    except_day,
    fill_shifts,
    remove_rotation,
    remove_shift,
    save_rotation,
)
from clinic.models import BranchDay, Employee, Rotation, RotationException, Shift
from outbox.models import Event
from tests.clinic.rotation_oracle import CLOSES, OPENS, SHORT, Plan, list_shifts, plans
from tests.factories import DAY, at, make_branch, make_employee, make_shift

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
WORK = DayHours(number=0, starts=time(9), ends=time(18))


@pytest.fixture
def doctor(db: None) -> Employee:
    return make_employee(branches=[make_branch()])


def order(doctor: Employee, **told: Any) -> RotationOrder:
    """Two days on, two days off, from `DAY` on."""
    days = [WORK, DayHours(number=1, starts=time(9), ends=time(18))]
    usual = {"cycle_days": 4, "anchor_on": DAY, "starts_on": DAY, "days": days}
    branch = doctor.branches.get()
    return RotationOrder(employee_id=doctor.pk, branch_id=branch.pk, **{**usual, **told})


def fill(doctor: Employee, *, days: int = 8, now: datetime = NOW) -> Filled:
    told = FillOrder(
        branch_id=doctor.branches.get().pk, first=DAY, last=DAY + timedelta(days=days - 1)
    )
    return fill_shifts(order=told, actor_id=None, now=now)


def list_days(doctor: Employee) -> list[int]:
    """The worked days, counted from `DAY`."""
    zone = doctor.branches.get().zone
    found = Shift.objects.filter(employee=doctor).order_by("starts_at")
    return [(shift.starts_at.astimezone(zone).date() - DAY).days for shift in found]


def test_two_days_on_two_days_off(doctor: Employee) -> None:
    save_rotation(order=order(doctor))

    filled = fill(doctor)

    assert (filled.added, filled.removed, filled.kept) == (4, 0, [])
    assert list_days(doctor) == [0, 1, 4, 5]
    assert Event.objects.get(name="clinic.ShiftsFilled").payload["added"] == 4


def test_filling_again_changes_nothing(doctor: Employee) -> None:
    save_rotation(order=order(doctor))
    fill(doctor)
    before = list(Shift.objects.order_by("pk").values_list())

    assert fill(doctor) == Filled(added=0, removed=0, kept=[])

    assert list(Shift.objects.order_by("pk").values_list()) == before
    assert Event.objects.count() == 1


def test_a_break_makes_two_shifts(doctor: Employee) -> None:
    day = DayHours(
        number=0, starts=time(9), break_starts=time(13), break_ends=time(14), ends=time(18)
    )
    save_rotation(order=order(doctor, days=[day]))

    fill(doctor, days=1)

    branch = doctor.branches.get()
    assert list(Shift.objects.order_by("starts_at").values_list("starts_at", "ends_at")) == [
        (at(branch, "09:00"), at(branch, "13:00")),
        (at(branch, "14:00"), at(branch, "18:00")),
    ]


def test_another_rotation_takes_the_shifts_with_it(doctor: Employee) -> None:
    rotation = save_rotation(order=order(doctor))
    fill(doctor)
    save_rotation(order=order(doctor, days=[WORK]), rotation_id=rotation.pk)

    filled = fill(doctor)

    assert (filled.added, filled.removed) == (0, 2)
    assert list_days(doctor) == [0, 4]


def test_what_was_changed_by_hand_is_kept_and_told(doctor: Employee) -> None:
    save_rotation(order=order(doctor))
    fill(doctor)
    first, second, third, _last = Shift.objects.order_by("starts_at")
    told: dict[str, Any] = {"actor_id": None, "now": NOW}
    change_shift(
        shift_id=first.pk,
        starts_at=first.starts_at + timedelta(hours=1),
        ends_at=first.ends_at,
        **told,
    )
    remove_shift(shift_id=second.pk, **told)
    branch = doctor.branches.get()
    third.delete()
    make_shift(doctor, branch, "10:00", "11:00", DAY + timedelta(days=4))

    filled = fill(doctor)

    assert (filled.added, filled.removed) == (0, 0)
    reasons = [((kept.on - DAY).days, kept.reason) for kept in filled.kept]
    assert reasons == [(0, "by_hand"), (1, "exception"), (4, "by_hand")]
    assert list_days(doctor) == [0, 4, 5]


def test_a_shift_elsewhere_is_in_the_way(doctor: Employee) -> None:
    make_shift(doctor, make_branch(), "12:00", "13:00")
    save_rotation(order=order(doctor))

    filled = fill(doctor, days=2)

    assert filled.added == 1
    assert [(kept.on, kept.reason) for kept in filled.kept] == [(DAY, "busy")]


def test_closed_and_short_days(doctor: Employee) -> None:
    branch = doctor.branches.get()
    for number, kind in enumerate(("CLOSED", "SHORT")):
        hours: dict[str, Any] = (
            {"opens_at": time(10), "closes_at": time(14)} if kind == "SHORT" else {}
        )
        decision = DayDecision(
            branch_id=branch.pk, on=DAY + timedelta(days=number), kind=kind, **hours
        )
        decide_day(decision=decision, actor_id=None, now=NOW)
    save_rotation(order=order(doctor))

    fill(doctor, days=2)

    shift = Shift.objects.get()
    next_day = DAY + timedelta(days=1)
    assert (shift.starts_at, shift.ends_at) == (
        at(branch, "10:00", next_day),
        at(branch, "14:00", next_day),
    )


def test_an_exception_frees_the_day_and_gives_it_back(doctor: Employee) -> None:
    save_rotation(order=order(doctor))
    fill(doctor)
    told = ExceptionOrder(employee_id=doctor.pk, branch_id=doctor.branches.get().pk, on=DAY)

    assert except_day(order=told, actor_id=None, now=NOW) == 1
    assert [kept.reason for kept in fill(doctor).kept] == ["exception"]
    assert list_days(doctor) == [1, 4, 5]
    drop_exception(exception_id=RotationException.objects.get().pk, actor_id=None, now=NOW)

    assert list_days(doctor) == [0, 1, 4, 5]
    with pytest.raises(ShiftInPast):
        except_day(order=told, actor_id=None, now=NOW + timedelta(days=30))


def test_what_began_stays_when_the_rotation_goes(doctor: Employee) -> None:
    rotation = save_rotation(order=order(doctor))
    fill(doctor)
    noon = at(doctor.branches.get(), "12:00")

    assert remove_rotation(rotation_id=rotation.pk, actor_id=None, now=noon) == 3

    assert Shift.objects.get().rotation is None
    assert not Rotation.objects.exists()


@pytest.mark.parametrize(
    "told",
    [
        {"cycle_days": 0},
        {"cycle_days": 57},
        {"cycle_days": 1},
        {"days": [WORK, WORK]},
        {"days": [DayHours(number=-1, starts=time(9), ends=time(10))]},
        {"days": [DayHours(number=0, starts=time(10), ends=time(9))]},
        {"days": [DayHours(number=0, starts=time(9), ends=time(18), break_starts=time(13))]},
        {
            "days": [
                DayHours(
                    number=0,
                    starts=time(9),
                    ends=time(18),
                    break_starts=time(13),
                    break_ends=time(19),
                )
            ]
        },
        {"ends_on": DAY - timedelta(days=1)},
    ],
)
def test_a_wrong_cycle_is_refused(doctor: Employee, told: dict[str, Any]) -> None:
    with pytest.raises(WrongCycle):
        save_rotation(order=order(doctor, **told))

    assert not Rotation.objects.exists()


def test_one_rotation_at_a_time(doctor: Employee) -> None:
    save_rotation(order=order(doctor, ends_on=DAY + timedelta(days=10)))

    with pytest.raises(RotationOverlaps):
        save_rotation(order=order(doctor, starts_on=DAY + timedelta(days=10)))
    with pytest.raises(IntegrityError), transaction.atomic():
        Rotation.objects.create(
            employee=doctor,
            branch=doctor.branches.get(),
            cycle_days=7,
            anchor_on=DAY,
            starts_on=DAY,
        )
    save_rotation(order=order(doctor, starts_on=DAY + timedelta(days=11)))

    assert Rotation.objects.count() == 2


def test_only_where_the_employee_works(doctor: Employee) -> None:
    elsewhere = replace(order(doctor), branch_id=make_branch().pk)

    with pytest.raises(WorksElsewhere):
        save_rotation(order=elsewhere)

    assert not Rotation.objects.exists()


def test_years_are_not_filled_at_once(doctor: Employee) -> None:
    with pytest.raises(FillTooLong):
        fill(doctor, days=500)


@settings(max_examples=150, deadline=None)
@given(plan=plans())
def test_filled_shifts_are_those_of_the_calendar(plan: Plan) -> None:
    with transaction.atomic():
        branch = make_branch(time_zone=plan.zone, opens_at=OPENS, closes_at=CLOSES)
        doctor = make_employee(branches=[branch])
        for on in {*plan.closed, *plan.short}:
            is_closed = on in plan.closed
            BranchDay.objects.create(
                branch=branch,
                on=on,
                kind="CLOSED" if is_closed else "SHORT",
                opens_at=None if is_closed else SHORT[0],
                closes_at=None if is_closed else SHORT[1],
            )
        told = order(
            doctor,
            cycle_days=plan.cycle_days,
            anchor_on=plan.anchor_on,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            days=plan.days,
        )
        save_rotation(order=told)
        period = FillOrder(branch_id=branch.pk, first=plan.first, last=plan.last)
        now = datetime.combine(plan.first, time(), tzinfo=UTC) - timedelta(days=3)

        filled = fill_shifts(order=period, actor_id=None, now=now)

        found = list(Shift.objects.order_by("starts_at").values_list("starts_at", "ends_at"))
        event("something is worked" if found else "nothing is worked")
        assert found == list_shifts(plan)
        assert filled.kept == []
        assert fill_shifts(order=period, actor_id=None, now=now).added == 0
        transaction.set_rollback(True)
