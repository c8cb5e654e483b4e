"""Forty clients and one timetable, on real connections; and what happens without the mechanism."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from threading import Barrier

import pytest
from django.db import connection

from appointments.actions import (
    BookingOrder,
    NotFree,
    SlotTaken,
    book_appointment,
    booking,
    cancel_appointment,
    move_appointment,
    restore_appointment,
    totals,
)
from appointments.models import LIVE, Appointment, PatientTotals
from appointments.queries import Fit, Wish, find_fit
from outbox.models import Event
from tests.appointments.factories import NOW, make_order
from tests.factories import (
    Clinic,
    make_appointment,
    make_clinic,
    make_device,
    make_employee,
    make_patient,
    make_shift,
)
from tests.threads import PATIENCE, run_at_once

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 40
CONSTRAINTS = ["appointment_one_per_employee", "appointment_one_per_room"]

OVERLAPS = """
SELECT count(*)
FROM appointments_appointment one
JOIN appointments_appointment other
  ON one.id < other.id
 AND (one.employee_id = other.employee_id
      OR (one.room_id = other.room_id AND one.room_unit = other.room_unit)
      OR (one.device_id = other.device_id AND one.device_unit = other.device_unit)
      OR one.patient_id = other.patient_id)
 AND tstzrange(one.starts_at, one.ends_at) && tstzrange(other.starts_at, other.ends_at)
WHERE one.status = ANY(%(live)s) AND other.status = ANY(%(live)s)
"""


def count_overlaps() -> int:
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS, {"live": list(LIVE)})
        (overlaps,) = cursor.fetchone()
    return int(overlaps)


def make_two_doctors() -> tuple[Clinic, list[int]]:
    clinic = make_clinic(rooms=2)
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch)
    return clinic, [clinic.doctor.pk, colleague.pk]


def make_orders(clinic: Clinic, doctors: list[int], count: int) -> list[BookingOrder]:
    """Orders of as many patients, starting every five minutes from ten to half past."""
    employees, shifts = cycle(doctors), cycle(range(0, 30, 5))
    return [
        make_order(
            clinic,
            patient_id=make_patient().pk,
            employee_id=next(employees),
            starts_at=clinic.at("10:00") + timedelta(minutes=next(shifts)),
        )
        for _ in range(count)
    ]


def book_all(orders: list[BookingOrder]) -> list[Appointment | BaseException]:
    return run_at_once(
        [partial(book_appointment, order=order, actor_id=None, now=NOW) for order in orders]
    )


def test_a_device_for_two_serves_two_at_once_and_no_more() -> None:
    clinic = make_clinic(rooms=0)
    clinic.service.devices.add(make_device(clinic.branch, capacity=2))
    doctors = [
        make_employee(branches=[clinic.branch], services=[clinic.service]) for _ in range(12)
    ]
    for doctor in doctors:
        make_shift(doctor, clinic.branch)
    orders = [
        make_order(clinic, patient_id=make_patient().pk, employee_id=doctor.pk)
        for doctor in doctors
    ]

    results = book_all(orders)

    assert sorted(type(result).__name__ for result in results) == [
        *["Appointment"] * 2,
        *["NoRoom"] * 10,
    ]
    assert count_overlaps() == 0


@pytest.mark.parametrize("attempt", range(5))
def test_nobody_is_booked_twice_and_no_free_time_is_refused(attempt: int) -> None:
    clinic, doctors = make_two_doctors()
    orders = make_orders(clinic, doctors, CLIENTS)

    results = book_all(orders)

    booked = [result for result in results if isinstance(result, Appointment)]
    refused = [result for result in results if isinstance(result, NotFree)]
    assert len(booked) + len(refused) == CLIENTS, results
    assert len(booked) >= 2
    assert count_overlaps() == 0
    assert Appointment.objects.count() == len(booked)
    assert Event.objects.count() == len(booked)
    for order, result in zip(orders, results, strict=True):
        if isinstance(result, NotFree):
            assert find_fit(wish=_wish(order, clinic)) is None


def _wish(order: BookingOrder, clinic: Clinic) -> Wish:
    return Wish(
        service_id=order.service_id,
        employee_id=order.employee_id,
        branch_id=order.branch_id,
        patient_id=order.patient_id,
        starts_at=order.starts_at,
        ends_at=order.starts_at + clinic.service.duration,
    )


@contextmanager
def no_constraints() -> Iterator[None]:
    """The database lets everything through; its rules are put back afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY(%s)",
            [CONSTRAINTS],
        )
        rules = cursor.fetchall()
        assert len(rules) == len(CONSTRAINTS)
        for name, _rule in rules:
            cursor.execute(f"ALTER TABLE appointments_appointment DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM appointments_appointment")
            for name, rule in rules:
                cursor.execute(f"ALTER TABLE appointments_appointment ADD CONSTRAINT {name} {rule}")


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Switch the locks off and have `clients` all look before the first of them writes."""

    def switch_off(clients: int) -> None:
        everybody_looked = Barrier(clients, timeout=PATIENCE)

        def look_and_wait(*, wish: Wish, now: datetime) -> Fit | None:
            found = find_fit(wish=wish, now=now)
            everybody_looked.wait()
            return found

        monkeypatch.setattr(booking, "lock_resources", lambda **_resources: None)
        monkeypatch.setattr(booking, "find_fit", look_and_wait)

    return switch_off


def test_control_without_locks_and_constraints_the_fault_is_found(
    no_locks: Callable[[int], None],
) -> None:
    clinic, doctors = make_two_doctors()
    orders = make_orders(clinic, doctors, 8)
    no_locks(len(orders))

    with no_constraints():
        results = book_all(orders)

        assert all(isinstance(result, Appointment) for result in results), results
        assert count_overlaps() > 0


def test_without_locks_the_constraints_still_hold(no_locks: Callable[[int], None]) -> None:
    clinic, doctors = make_two_doctors()
    orders = make_orders(clinic, doctors, 8)
    no_locks(len(orders))

    results = book_all(orders)

    assert count_overlaps() == 0
    assert any(isinstance(result, Appointment) for result in results), results


def test_a_form_submitted_twenty_times_books_once() -> None:
    clinic = make_clinic()
    order = make_order(clinic)

    results = book_all([order] * 20)

    booked = Appointment.objects.get()
    assert [getattr(result, "pk", result) for result in results] == [booked.pk] * 20
    assert Event.objects.count() == 1


def test_of_two_people_one_gets_the_slot_and_the_other_the_nearest_times() -> None:
    clinic = make_clinic()
    orders = [make_order(clinic, patient_id=make_patient().pk) for _ in range(2)]

    results = book_all(orders)

    (refusal,) = [result for result in results if isinstance(result, SlotTaken)]
    assert refusal.details["alternatives"]
    assert Appointment.objects.count() == 1


def test_two_hundred_orders_for_one_slot_make_one_booking() -> None:
    clinic = make_clinic()
    orders = [make_order(clinic, patient_id=make_patient().pk) for _ in range(200)]

    def book_in_turn(mine: list[BookingOrder]) -> list[Appointment | NotFree]:
        answers: list[Appointment | NotFree] = []
        for order in mine:
            try:
                answers.append(book_appointment(order=order, actor_id=None, now=NOW))
            except NotFree as refusal:
                answers.append(refusal)
        return answers

    turns = [partial(book_in_turn, orders[number::CLIENTS]) for number in range(CLIENTS)]
    results = [answer for answers in run_at_once(turns) for answer in as_list(answers)]

    refusals = [answer for answer in results if isinstance(answer, SlotTaken)]
    assert (len(results), len(refusals)) == (200, 199)
    assert all(refusal.details["alternatives"] for refusal in refusals)
    assert Appointment.objects.count() == 1


def as_list(answers: list[Appointment | NotFree] | BaseException) -> list[Appointment | NotFree]:
    assert isinstance(answers, list), answers
    return answers


def test_moving_booking_and_restoring_meet_in_one_slot() -> None:
    clinic = make_clinic()
    moved = make_appointment(clinic, "12:00", patient=make_patient())
    restored = make_appointment(
        clinic, "10:00", patient=make_patient(), status="CANCELLED", cancel_reason="MISTAKE"
    )

    results: list[object] = run_at_once(
        [
            partial(book_appointment, order=make_order(clinic, "10:15"), actor_id=None, now=NOW),
            partial(
                move_appointment,
                appointment_id=moved.pk,
                starts_at=clinic.at("09:45"),
                version=1,
                actor_id=None,
                now=NOW,
            ),
            partial(restore_appointment, appointment_id=restored.pk, actor_id=None, now=NOW),
        ]
        * 3
    )

    assert count_overlaps() == 0
    occupied = Appointment.objects.filter(status__in=LIVE, starts_at__lt=clinic.at("10:30"))
    assert occupied.count() in {1, 2}
    assert any(isinstance(result, NotFree) for result in results), results


def cancel_many_at_once() -> tuple[int, int]:
    """Have nine appointments of one patient cancelled at once; return the true and the kept sum."""
    clinic = make_clinic()
    made = [make_appointment(clinic, f"{hour:02}:00") for hour in range(9, 18)]
    cancel = partial(cancel_appointment, reason="OTHER", by_patient=False, actor_id=None, now=NOW)
    results = run_at_once([partial(cancel, appointment_id=each.pk) for each in made])
    assert all(isinstance(result, Appointment) for result in results), results
    return len(made), PatientTotals.objects.get(patient=clinic.patient).cancellations


def test_totals_count_what_others_commit_meanwhile() -> None:
    cancelled, counted = cancel_many_at_once()

    assert counted == cancelled


def test_control_totals_that_wait_for_nobody_lose_count(monkeypatch: pytest.MonkeyPatch) -> None:
    careless = totals.LOCK_ROW.replace("DO UPDATE SET visits = totals.visits", "DO NOTHING")
    monkeypatch.setattr(totals, "LOCK_ROW", careless)

    rounds = (cancel_many_at_once() for _ in range(20))

    assert any(counted < cancelled for cancelled, counted in rounds)
