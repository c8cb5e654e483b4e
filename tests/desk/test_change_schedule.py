"""A change that leaves bookings alone is asked about first; then nothing is left silently."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import pytest

from appointments.models import Appointment
from clinic.actions import (
    ClosureOrder,
    DayDecision,
    TimeOffOrder,
    add_closure,
    add_times_off,
    decide_day,
    remove_time_off,
)
from clinic.models import BranchDay, Closure, Employee, TimeOff, User
from desk.actions.schedule import (
    CALL,
    BookingsLeftOutside,
    Decision,
    Settled,
    WayGone,
    change_schedule,
)
from desk.queries.outside import Scope, list_outside
from desk.queries.ways_out import list_ways_out
from tests.desk.conftest import NINE
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_clinic,
    make_employee,
    make_patient,
    make_shift,
)
from worklist.models import Task

pytestmark = pytest.mark.django_db

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def clinic() -> Clinic:
    """The doctor works today and the next day."""
    made = make_clinic()
    make_shift(made.doctor, made.branch, on=NEXT)
    return made


@pytest.fixture
def colleague(clinic: Clinic) -> Employee:
    found = make_employee(last_name="Белова", branches=[clinic.branch], services=[clinic.service])
    make_shift(found, clinic.branch, "12:00", "18:00")
    return found


def fall_ill(clinic: Clinic) -> object:
    order = TimeOffOrder(
        employee_id=clinic.doctor.pk,
        kind="SICK_LEAVE",
        periods=[(clinic.at("10:00"), clinic.at("18:00"))],
    )
    return add_times_off(order=order, actor_id=None, now=NINE)


def change(
    clinic: Clinic,
    decisions: Mapping[int, Decision],
    *,
    what: Callable[[], object] | None = None,
    scope: Scope | None = None,
    actor: User | None = None,
) -> Settled:
    return change_schedule(
        scope=scope or Scope(employee_ids=[clinic.doctor.pk]),
        change=what or partial(fall_ill, clinic),
        decisions=decisions,
        actor_id=actor.pk if actor else None,
        now=NINE,
    )


def book(clinic: Clinic, clock: str) -> Appointment:
    return make_appointment(clinic, clock, patient=make_patient())


def test_nothing_changes_before_each_booking_is_decided_about(
    clinic: Clinic, colleague: Employee
) -> None:
    first, second = book(clinic, "11:00"), book(clinic, "14:00")

    with pytest.raises(BookingsLeftOutside) as refusal:
        change(clinic, {first.pk: CALL})

    assert not TimeOff.objects.exists()
    asked = refusal.value.stranded
    assert [one.booking for one in asked] == [first, second]
    assert [way.starts_at for way in asked[0].moves][:1] == [clinic.at("09:30")]
    assert [(way.employee_id, way.starts_at) for way in asked[0].hands] == [
        (colleague.pk, clinic.at("12:00"))
    ]
    assert [way.starts_at for way in asked[1].hands] == [second.starts_at]
    assert refusal.value.details["appointment_ids"] == [first.pk, second.pk]


def test_offers_are_free_after_the_change_and_nobody_elses(clinic: Clinic) -> None:
    rows = [book(clinic, f"{hour}:00") for hour in range(11, 17)]
    fall_ill(clinic)

    asked = list_ways_out(bookings=rows, now=NINE)

    firsts = [one.moves[0].starts_at for one in asked]
    assert len(set(firsts)) == len(rows)
    for one in asked:
        for way in one.moves:
            assert not clinic.at("10:00") <= way.starts_at < clinic.at("18:00")


def test_each_decision_is_carried_out_in_one_go(
    clinic: Clinic, colleague: Employee, olga: User
) -> None:
    moved, handed, called = book(clinic, "11:00"), book(clinic, "14:00"), book(clinic, "15:00")
    decisions = {
        moved.pk: Decision(employee_id=clinic.doctor.pk, starts_at=clinic.at("11:00", NEXT)),
        handed.pk: Decision(employee_id=colleague.pk, starts_at=clinic.at("14:00")),
        called.pk: CALL,
    }

    settled = change(clinic, decisions, actor=olga)

    assert settled == Settled(moved=2, calls=1)
    moved.refresh_from_db()
    handed.refresh_from_db()
    assert moved.starts_at == clinic.at("11:00", NEXT)
    assert (handed.employee, handed.starts_at) == (colleague, clinic.at("14:00"))
    task = Task.objects.get()
    assert (task.kind, task.subject_id, task.patient) == (
        "CALL_OUTSIDE",
        called.pk,
        called.patient,
    )
    assert [row.pk for row in list_outside(now=NINE)] == [called.pk]


def test_a_time_that_was_taken_meanwhile_stops_it_all(clinic: Clinic, colleague: Employee) -> None:
    left, safe = book(clinic, "14:00"), book(clinic, "15:00")
    make_appointment(clinic, "14:00", employee=colleague, patient=make_patient(), room=None)
    decisions = {
        left.pk: Decision(employee_id=colleague.pk, starts_at=clinic.at("14:00")),
        safe.pk: Decision(employee_id=colleague.pk, starts_at=clinic.at("15:00")),
    }

    with pytest.raises(WayGone) as refusal:
        change(clinic, decisions)

    assert list(refusal.value.gone) == [left.pk]
    safe.refresh_from_db()
    assert (safe.employee, TimeOff.objects.count()) == (clinic.doctor, 0)


@pytest.mark.parametrize("stays", [True, False])
def test_who_cannot_be_moved_is_called(clinic: Clinic, stays: bool) -> None:
    booked = book(clinic, "11:00")
    if not stays:
        Appointment.objects.filter(pk=booked.pk).update(status="ARRIVED")
    decision = Decision(employee_id=clinic.doctor.pk, starts_at=booked.starts_at)

    settled = change(clinic, {booked.pk: decision if stays else CALL})

    assert settled == Settled(calls=1)


def test_the_call_is_taken_back_when_the_doctor_is_there_again(clinic: Clinic) -> None:
    booked = book(clinic, "11:00")
    change(clinic, {booked.pk: CALL})
    absence = TimeOff.objects.get()

    change(
        clinic,
        {},
        what=partial(remove_time_off, time_off_id=absence.pk, actor_id=None, now=NINE),
    )

    assert Task.objects.get().status == "CANCELLED"


def test_a_closed_room_asks_about_those_booked_into_it(clinic: Clinic) -> None:
    room, other = clinic.rooms
    booked = book(clinic, "11:00")
    elsewhere = make_appointment(clinic, "12:00", room=other)
    order = ClosureOrder(room_id=room.pk, starts_at=NINE, ends_at=clinic.at("20:00"))
    what = partial(add_closure, order=order, actor_id=None, now=NINE)

    with pytest.raises(BookingsLeftOutside) as refusal:
        change(clinic, {}, what=what, scope=Scope(room_id=room.pk))
    (asked,) = refusal.value.stranded
    assert (asked.booking, Closure.objects.count()) == (booked, 0)
    way = asked.moves[0]
    decision = Decision(employee_id=way.employee_id, starts_at=way.starts_at)
    change(clinic, {booked.pk: decision}, what=what, scope=Scope(room_id=room.pk))

    booked.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (booked.room, elsewhere.room) == (other, other)
    assert list_outside(now=NINE) == []


@pytest.mark.parametrize(
    ("kind", "hours", "left"),
    [("CLOSED", (None, None), 2), ("SHORT", ("08:00", "12:00"), 1), ("OPEN", (None, None), 0)],
)
def test_a_holiday_asks_about_those_booked_on_it(
    clinic: Clinic, kind: str, hours: tuple[str | None, str | None], left: int
) -> None:
    for clock in ("11:00", "11:45"):
        make_appointment(clinic, clock, on=NEXT, patient=make_patient())

    BranchDay.objects.create(
        branch=clinic.branch, on=NEXT, kind=kind, opens_at=hours[0], closes_at=hours[1]
    )

    assert len(list_outside(now=NINE)) == left


def test_a_day_is_closed_once_its_patients_are_settled(clinic: Clinic) -> None:
    booked = make_appointment(clinic, on=NEXT)
    decision = DayDecision(branch_id=clinic.branch.pk, on=NEXT, kind="CLOSED")
    what = partial(decide_day, decision=decision, actor_id=None, now=NINE)
    scope = Scope(branch_id=clinic.branch.pk, employee_ids=[clinic.doctor.pk])

    with pytest.raises(BookingsLeftOutside):
        change(clinic, {}, what=what, scope=scope)
    change(clinic, {booked.pk: CALL}, what=what, scope=scope)

    assert BranchDay.objects.get().kind == "CLOSED"
    assert Task.objects.get().subject_id == booked.pk


def test_a_near_visit_is_called_about_at_once(clinic: Clinic) -> None:
    near = book(clinic, "11:00")
    change(clinic, {near.pk: CALL})

    due: datetime = Task.objects.get().due_at
    assert due == NINE + timedelta(hours=2)
