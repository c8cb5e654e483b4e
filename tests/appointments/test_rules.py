"""What a service asks of those who book it, and what buffers and own terms do to the diary."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from appointments.actions import (
    CutoffPassed,
    DeskOnly,
    SlotTaken,
    TooFar,
    TooSoon,
    book_appointment,
    cancel_appointment,
    move_appointment,
    undo_move,
)
from appointments.models import Appointment
from appointments.queries import SlotQuery, list_free_slots
from clinic.models import OwnTerms, RepeatWith, Service
from tests.appointments.factories import NOW, make_order
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_shift,
)

MINUTE = timedelta(minutes=1)


def rule(clinic: Clinic, **fields: Any) -> None:
    Service.objects.filter(pk=clinic.service.pk).update(**fields)


def book(clinic: Clinic, clock: str = "10:00", **fields: Any) -> Appointment:
    return book_appointment(order=make_order(clinic, clock, **fields), actor_id=None, now=NOW)


def clocks(clinic: Clinic, *, by_patient: bool = False) -> list[str]:
    query = SlotQuery(
        service_id=clinic.service.pk,
        from_at=clinic.at("00:00"),
        until_at=clinic.at("00:00", DAY + timedelta(days=1)),
        by_patient=by_patient,
    )
    slots = list_free_slots(query=query, now=NOW)
    return [f"{slot.starts_at.astimezone(clinic.branch.zone):%H:%M}" for slot in slots]


# Buffers


def test_buffers_belong_to_the_employee_and_not_to_the_visit(clinic: Clinic) -> None:
    rule(clinic, buffer_before=15 * MINUTE, buffer_after=15 * MINUTE)
    clinic.doctor.shifts.update(starts_at=clinic.at("08:00"))

    booked = book(clinic, "10:00")

    assert (booked.starts_at, booked.ends_at) == (clinic.at("10:00"), clinic.at("10:30"))
    for clock in ("09:01", "09:30", "10:45", "10:59"):
        with pytest.raises(SlotTaken):
            book(clinic, clock, patient_id=make_patient().pk)
    assert book(clinic, "11:00", patient_id=make_patient().pk).pk
    assert book(clinic, "09:00", patient_id=make_patient().pk).pk


def test_the_patient_is_free_during_the_buffers(clinic: Clinic) -> None:
    rule(clinic, buffer_after=60 * MINUTE)
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch)
    book(clinic, "10:00")

    assert book(clinic, "10:30", employee_id=colleague.pk).pk


@pytest.mark.parametrize(("in_room", "free_from"), [(False, "10:30"), (True, "10:45")])
def test_buffers_take_the_room_when_the_service_says_so(
    clinic: Clinic, in_room: bool, free_from: str
) -> None:
    clinic.service.rooms.set(clinic.rooms[:1])
    rule(clinic, buffer_after=15 * MINUTE, buffer_in_room=in_room)
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch, "10:00", "12:00")
    book(clinic, "10:00")

    query = SlotQuery(
        service_id=clinic.service.pk,
        employee_id=colleague.pk,
        from_at=clinic.at("10:00"),
        until_at=clinic.at("12:00"),
    )
    first = list_free_slots(query=query, now=NOW)[0]
    assert first.starts_at == clinic.at(free_from)


def test_the_day_is_offered_with_room_for_the_buffers(clinic: Clinic) -> None:
    rule(clinic, buffer_before=15 * MINUTE, buffer_after=15 * MINUTE)
    clinic.doctor.shifts.update(ends_at=clinic.at("11:00"))

    assert clocks(clinic) == ["09:30", "10:00"]


def test_the_database_refuses_a_visit_in_a_buffer(clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", buffer_after=15 * MINUTE)

    with pytest.raises(IntegrityError, match="appointment_one_per_employee"):
        make_appointment(clinic, "10:40", patient=make_patient(), room=clinic.rooms[1])


# Own terms


def test_an_employee_has_a_length_and_a_price_of_his_own(clinic: Clinic) -> None:
    OwnTerms.objects.create(
        employee=clinic.doctor,
        service=clinic.service,
        duration=45 * MINUTE,
        price=Decimal(3100),
    )

    booked = book(clinic)

    assert booked.ends_at == clinic.at("10:45")
    assert booked.price == Decimal(3100)


def test_moved_to_another_employee_it_takes_as_long_as_he_takes(clinic: Clinic) -> None:
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch)
    OwnTerms.objects.create(employee=colleague, service=clinic.service, duration=45 * MINUTE)
    made = book(clinic)

    moved = move_appointment(
        appointment_id=made.pk,
        starts_at=clinic.at("12:00"),
        employee_id=colleague.pk,
        version=1,
        actor_id=None,
        now=NOW,
    )
    assert (moved.ends_at, moved.price) == (clinic.at("12:45"), made.price)

    back = undo_move(appointment_id=made.pk, version=2, actor_id=None, now=NOW)
    assert (back.employee_id, back.ends_at) == (clinic.doctor.pk, clinic.at("10:30"))


# Repeat visits


@pytest.mark.parametrize(
    ("repeat_with", "earlier", "price"),
    [
        (RepeatWith.DOCTOR, "doctor", 1500),
        (RepeatWith.DOCTOR, "colleague", 2500),
        (RepeatWith.SPECIALTY, "colleague", 1500),
        (RepeatWith.SPECIALTY, "stranger", 2500),
    ],
)
def test_a_visit_soon_after_another_costs_the_repeat_price(
    clinic: Clinic, repeat_with: RepeatWith, earlier: str, price: int
) -> None:
    rule(clinic, repeat_price=1500, repeat_days=30, repeat_with=repeat_with)
    seen_by = {
        "doctor": clinic.doctor,
        "colleague": make_employee(position=clinic.doctor.position),
        "stranger": make_employee(position="логопед"),
    }[earlier]
    on = DAY - timedelta(days=20)
    make_appointment(clinic, "10:00", on=on, employee=seen_by, status="DONE")

    assert book(clinic).price == price


@pytest.mark.parametrize(("days", "status"), [(31, "DONE"), (20, "NO_SHOW"), (20, "CONFIRMED")])
def test_what_is_long_ago_or_did_not_happen_makes_no_repeat_visit(
    clinic: Clinic, days: int, status: str
) -> None:
    rule(clinic, repeat_price=1500, repeat_days=30)
    make_appointment(clinic, "10:00", on=DAY - timedelta(days=days), status=status)

    assert book(clinic).price == Decimal(2500)


# Notice, horizon, reception only


def test_patients_are_offered_only_what_they_may_book(clinic: Clinic) -> None:
    rule(clinic, notice=timedelta(hours=25))
    assert clocks(clinic, by_patient=True)[0] == "13:00"
    assert clocks(clinic)[0] == "09:00"

    rule(clinic, notice=timedelta(0), horizon_days=0)
    assert clocks(clinic, by_patient=True) == []

    rule(clinic, horizon_days=1)
    assert clocks(clinic, by_patient=True) == clocks(clinic)

    rule(clinic, is_online=False)
    assert clocks(clinic, by_patient=True) == []


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"notice": timedelta(days=1)}, TooSoon),
        ({"horizon_days": 0}, TooFar),
        ({"is_online": False}, DeskOnly),
    ],
)
def test_patients_cannot_book_past_the_rules(
    clinic: Clinic, fields: dict[str, Any], refusal: type[Exception]
) -> None:
    rule(clinic, **fields)

    with pytest.raises(refusal):
        book(clinic, by_patient=True, waived=True)

    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [({"notice": timedelta(days=1)}, TooSoon), ({"horizon_days": 0}, TooFar)],
)
def test_reception_is_told_once_and_may_book_all_the_same(
    clinic: Clinic, fields: dict[str, Any], refusal: type[Exception]
) -> None:
    rule(clinic, **fields)
    order = make_order(clinic)

    with pytest.raises(refusal):
        book_appointment(order=order, actor_id=None, now=NOW)

    assert book(clinic, waived=True).pk


def test_what_only_reception_books_reception_books(clinic: Clinic) -> None:
    rule(clinic, is_online=False)

    assert book(clinic).pk


# Cancelling and moving by the patient


def test_after_the_cutoff_the_patient_is_asked_to_call(clinic: Clinic) -> None:
    rule(clinic, cancel_cutoff=timedelta(days=1))
    made = make_appointment(clinic)

    with pytest.raises(CutoffPassed) as refusal:
        cancel_appointment(
            appointment_id=made.pk, reason="ILLNESS", by_patient=True, actor_id=None, now=NOW
        )
    with pytest.raises(CutoffPassed):
        move_appointment(
            appointment_id=made.pk,
            starts_at=clinic.at("12:00"),
            version=1,
            by_patient=True,
            actor_id=None,
            now=NOW,
        )

    assert "495" in str(refusal.value)
    made.refresh_from_db()
    assert (made.status, made.starts_at, made.version) == ("BOOKED", clinic.at("10:00"), 1)


def test_reception_cancels_after_the_cutoff(clinic: Clinic) -> None:
    rule(clinic, cancel_cutoff=timedelta(days=1))
    made = make_appointment(clinic)

    cancelled = cancel_appointment(
        appointment_id=made.pk, reason="ILLNESS", by_patient=False, actor_id=None, now=NOW
    )

    assert cancelled.status == "CANCELLED"
