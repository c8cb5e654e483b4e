"""A time that is held is nobody else's for ten minutes, behind every door."""

from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection

from appointments.actions import (
    HELD_FOR,
    DeskOnly,
    HoldOrder,
    SlotHeld,
    SlotTaken,
    book_appointment,
    booking,
    hold_slot,
    move_appointment,
    name_owner,
    restore_appointment,
)
from appointments.models import Appointment, Hold
from appointments.queries import Fit, SlotQuery, Wish, find_fit, list_free_slots
from clinic.models import Service, User
from tests.appointments.factories import NOW, make_order
from tests.factories import Clinic, make_appointment, make_clinic, make_patient, make_room
from tests.threads import PATIENCE, run_at_once


def hold(
    clinic: Clinic,
    clock: str = "10:00",
    *,
    now: datetime = NOW,
    actor_id: int | None = None,
    **fields: Any,
) -> Hold:
    told: dict[str, Any] = {
        "owner": "site-1",
        "service_id": clinic.service.pk,
        "employee_id": clinic.doctor.pk,
        "branch_id": clinic.branch.pk,
        "starts_at": clinic.at(clock),
    }
    return hold_slot(order=HoldOrder(**told | fields), actor_id=actor_id, now=now)


def book(
    clinic: Clinic, clock: str = "10:00", *, now: datetime = NOW, **fields: Any
) -> Appointment:
    order = make_order(clinic, clock, **fields)
    return book_appointment(order=order, actor_id=None, now=now)


def offered(clinic: Clinic, now: datetime = NOW, **fields: Any) -> list[datetime]:
    query = SlotQuery(
        service_id=clinic.service.pk,
        from_at=clinic.at("09:00"),
        until_at=clinic.at("11:00"),
        **fields,
    )
    return [slot.starts_at for slot in list_free_slots(query=query, now=now)]


def test_a_held_time_is_not_offered_nor_booked_until_it_expires(clinic: Clinic) -> None:
    held = hold(clinic)

    assert held.expires_at == NOW + timedelta(minutes=10)
    assert clinic.at("10:00") not in offered(clinic)
    assert clinic.at("10:00") in offered(clinic, owners=("site-1",))
    with pytest.raises(SlotHeld) as refusal:
        book(clinic, "10:15")
    assert refusal.value.details["alternatives"]

    later = NOW + HELD_FOR
    assert clinic.at("10:00") in offered(clinic, now=later)
    assert book(clinic, now=later).starts_at == clinic.at("10:00")
    assert not Hold.objects.exists()


def test_the_booking_of_the_holder_takes_what_he_holds(clinic: Clinic) -> None:
    hold(clinic)

    booked = book(clinic, key="site-1")

    assert booked.starts_at == clinic.at("10:00")
    assert not Hold.objects.exists()


def test_whoever_holds_at_the_desk_books_and_moves_there(clinic: Clinic, olga: User) -> None:
    made = make_appointment(clinic, "12:00")
    hold(clinic, owner=name_owner(olga.pk), actor_id=olga.pk)
    move = partial(
        move_appointment,
        appointment_id=made.pk,
        starts_at=clinic.at("10:00"),
        version=1,
        now=NOW,
    )

    with pytest.raises(SlotHeld):
        move(actor_id=None)
    assert move(actor_id=olga.pk).starts_at == clinic.at("10:00")
    assert not Hold.objects.exists()


def test_a_cancelled_visit_does_not_come_back_to_a_held_time(clinic: Clinic) -> None:
    made = make_appointment(clinic, status="CANCELLED", cancel_reason="MISTAKE")
    hold(clinic)

    with pytest.raises(SlotHeld):
        restore_appointment(appointment_id=made.pk, actor_id=None, now=NOW)

    made.refresh_from_db()
    assert made.status == "CANCELLED"


def test_an_owner_holds_one_time(clinic: Clinic) -> None:
    hold(clinic, "10:00")
    hold(clinic, "11:00")

    assert [row.starts_at for row in Hold.objects.all()] == [clinic.at("11:00")]


def test_held_again_it_is_held_longer(clinic: Clinic) -> None:
    hold(clinic)
    again = hold(clinic, now=NOW + timedelta(minutes=4))

    assert again.expires_at == NOW + timedelta(minutes=14)


def test_what_is_held_or_booked_cannot_be_held(clinic: Clinic) -> None:
    hold(clinic)
    make_appointment(clinic, "12:00")

    with pytest.raises(SlotHeld):
        hold(clinic, "10:15", owner="site-2")
    with pytest.raises(SlotTaken):
        hold(clinic, "12:00", owner="site-2")

    assert Hold.objects.get().owner == "site-1"


def test_patients_hold_only_what_they_may_book(clinic: Clinic) -> None:
    Service.objects.update(is_online=False)

    with pytest.raises(DeskOnly):
        hold(clinic, by_patient=True)
    assert hold(clinic).owner == "site-1"


def test_the_database_keeps_holds_and_appointments_apart(clinic: Clinic) -> None:
    with time_machine.travel(NOW):
        held = hold(clinic)

    with pytest.raises(IntegrityError, match="appointment_one_per_hold"):
        make_appointment(clinic, "10:15", room=make_room(clinic.branch))
    assert held.starts_at == clinic.at("10:00")


def test_the_database_lets_nothing_booked_be_held(clinic: Clinic) -> None:
    held = hold(clinic)
    make_appointment(clinic, "12:00")

    with pytest.raises(IntegrityError, match="appointment_one_per_hold"):
        Hold.objects.filter(pk=held.pk).update(
            starts_at=clinic.at("12:00"), ends_at=clinic.at("12:30")
        )


def hold_and_book_at_once(clinic: Clinic) -> tuple[int, int]:
    """Ten hold and ten book overlapping times; return how many live rows overlap, and the rows."""
    jobs: list[Any] = []
    for number in range(10):
        clock = f"10:{number % 6 * 5:02}"
        jobs.append(partial(hold, clinic, clock, owner=f"site-{number}"))
        order = make_order(clinic, clock, patient_id=make_patient().pk)
        jobs.append(partial(book_appointment, order=order, actor_id=None, now=NOW))
    results = run_at_once(jobs)
    refused = (SlotHeld, SlotTaken)
    assert all(isinstance(one, (Hold, Appointment, *refused)) for one in results), results
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM appointments_hold h JOIN appointments_appointment a "
            "ON a.employee_id = h.employee_id AND a.occupied && h.occupied"
        )
        (overlaps,) = cursor.fetchone()
    return int(overlaps), Hold.objects.count() + Appointment.objects.count()


@pytest.mark.django_db(transaction=True)
def test_holding_and_booking_at_once_never_meet() -> None:
    for _ in range(3):
        overlaps, rows = hold_and_book_at_once(make_clinic())

        assert overlaps == 0
        assert rows >= 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_triggers", [True, False])
def test_control_without_locks_only_the_triggers_keep_them_apart(
    monkeypatch: pytest.MonkeyPatch, has_triggers: bool
) -> None:
    clinic = make_clinic()
    both_looked = Barrier(2, timeout=PATIENCE)

    def look_and_wait(*, wish: Wish, now: datetime) -> Fit | None:
        found = find_fit(wish=wish, now=now)
        both_looked.wait()
        return found

    monkeypatch.setattr(booking, "lock_resources", lambda **_resources: None)
    monkeypatch.setattr(booking, "find_fit", look_and_wait)
    if not has_triggers:
        switch_triggers_off()

    with time_machine.travel(NOW):
        order = make_order(clinic, patient_id=make_patient().pk)
        jobs: list[Any] = [
            partial(hold, clinic),
            partial(book_appointment, order=order, actor_id=None, now=NOW),
        ]
        results = run_at_once(jobs)

    made = [one for one in results if isinstance(one, (Hold, Appointment))]
    assert len(made) == (1 if has_triggers else 2), results


def switch_triggers_off() -> None:
    with connection.cursor() as cursor:
        for table, trigger in (
            ("appointments_appointment", "appointment_books_no_held_time"),
            ("appointments_hold", "hold_takes_no_booked_time"),
        ):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
