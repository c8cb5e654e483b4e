from datetime import datetime
from typing import Any

import pytest

from appointments.actions import (
    EmployeeAway,
    NotUpcoming,
    ServiceNotOffered,
    SlotInPast,
    SlotTaken,
    StaleVersion,
    ask_to_move,
    confirm_appointment,
    move_appointment,
    restore_appointment,
    undo_move,
)
from appointments.models import Appointment, PatientTotals, Visit
from clinic.models import User
from outbox.models import Event
from tests.appointments.factories import NOW
from tests.factories import (
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_shift,
    make_time_off,
)
from worklist.models import Task


def move(made: Appointment, starts_at: datetime, **fields: Any) -> Appointment:
    arguments = {"version": made.version, "actor_id": None, "now": NOW} | fields
    return move_appointment(appointment_id=made.pk, starts_at=starts_at, **arguments)


def test_an_appointment_takes_another_time(clinic: Clinic, olga: User) -> None:
    made = make_appointment(clinic, "10:00", status="CONFIRMED", room=clinic.rooms[1])

    move(made, clinic.at("12:00"), actor_id=olga.pk)

    made.refresh_from_db()
    assert (made.starts_at, made.ends_at) == (clinic.at("12:00"), clinic.at("12:30"))
    assert made.status == Appointment.Status.BOOKED
    assert (made.room, made.version) == (clinic.rooms[1], 2)
    event = Event.objects.get()
    assert (event.name, event.actor_id) == ("appointments.AppointmentMoved", olga.pk)
    assert event.payload == {
        "appointment_id": made.pk,
        "from_start": "2026-12-01T07:00:00+00:00",
        "from_end": "2026-12-01T07:30:00+00:00",
        "to_start": "2026-12-01T09:00:00+00:00",
        "from_employee_id": clinic.doctor.pk,
        "to_employee_id": clinic.doctor.pk,
        "was_confirmed": True,
        "by_patient": False,
    }
    assert PatientTotals.objects.get(patient=clinic.patient).next_at == clinic.at("12:00")


def test_it_may_overlap_its_own_old_time(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")

    assert move(made, clinic.at("10:15")).starts_at == clinic.at("10:15")


def test_it_passes_to_another_doctor(clinic: Clinic) -> None:
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch)
    made = make_appointment(clinic, "10:00")

    assert move(made, clinic.at("10:00"), employee_id=colleague.pk).employee == colleague


def test_another_room_is_found_when_its_own_is_taken(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00", room=clinic.rooms[0])
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_appointment(
        clinic, "12:00", employee=colleague, room=clinic.rooms[0], patient=make_patient()
    )

    assert move(made, clinic.at("12:00")).room == clinic.rooms[1]


def test_a_wish_to_move_is_answered_by_moving(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    ask_to_move(appointment_id=made.pk, now=NOW)
    made.refresh_from_db()

    assert not move(made, clinic.at("15:00")).wants_move
    assert Task.objects.get().status == Task.Status.DONE


def test_a_move_is_undone_with_doctor_and_confirmation(clinic: Clinic, olga: User) -> None:
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch)
    made = make_appointment(clinic, "10:00", status="CONFIRMED")
    moved = move(made, clinic.at("12:00"), employee_id=colleague.pk)

    undo_move(appointment_id=made.pk, version=moved.version, actor_id=olga.pk, now=NOW)

    made.refresh_from_db()
    assert (made.starts_at, made.ends_at) == (clinic.at("10:00"), clinic.at("10:30"))
    assert (made.employee, made.status) == (clinic.doctor, Appointment.Status.CONFIRMED)
    assert made.version == 3


def test_what_changed_since_the_move_is_not_undone(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    moved = move(made, clinic.at("12:00"))
    confirm_appointment(appointment_id=made.pk, by_patient=True, actor_id=None, now=NOW)

    with pytest.raises(StaleVersion):
        undo_move(appointment_id=made.pk, version=moved.version, actor_id=None, now=NOW)
    made.refresh_from_db()
    assert made.starts_at == clinic.at("12:00")


def test_without_a_move_there_is_nothing_to_undo(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")

    with pytest.raises(StaleVersion):
        undo_move(appointment_id=made.pk, version=1, actor_id=None, now=NOW)


def test_moving_to_where_it_stands_changes_nothing(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00", status="CONFIRMED")

    move(made, clinic.at("10:00"))

    made.refresh_from_db()
    assert (made.status, made.version) == (Appointment.Status.CONFIRMED, 1)
    assert not Event.objects.exists()


def test_a_refused_move_leaves_it_where_it_was(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    make_appointment(clinic, "12:00", patient=make_patient())
    stranger = make_employee(branches=[clinic.branch])
    make_shift(stranger, clinic.branch)
    before = Appointment.objects.filter(pk=made.pk).values().get()

    with pytest.raises(SlotTaken) as refused:
        move(made, clinic.at("12:00"))
    with pytest.raises(ServiceNotOffered):
        move(made, clinic.at("12:00"), employee_id=stranger.pk)
    with pytest.raises(SlotInPast):
        move(made, clinic.at("12:00"), now=clinic.at("13:00"))
    with pytest.raises(StaleVersion):
        move(made, clinic.at("14:00"), version=2)

    offers = refused.value.details["alternatives"]
    assert isinstance(offers, list)
    assert [offer["starts_at"] for offer in offers[:3]] == [
        clinic.at(clock).isoformat() for clock in ("11:00", "11:30", "12:30")
    ]
    assert Appointment.objects.filter(pk=made.pk).values().get() == before
    assert not Event.objects.exists()


@pytest.mark.parametrize("status", ["ARRIVED", "IN_PROGRESS", "DONE", "NO_SHOW"])
def test_a_visit_that_began_stays_where_it_is(clinic: Clinic, status: str) -> None:
    made = make_appointment(clinic, "10:00", status=status)

    with pytest.raises(NotUpcoming):
        move(made, clinic.at("12:00"))
    made.refresh_from_db()
    assert made.starts_at == clinic.at("10:00")


def test_a_cancellation_is_undone(clinic: Clinic, olga: User) -> None:
    made = make_appointment(clinic, "10:00", status="CANCELLED", cancel_reason="MISTAKE")

    restore_appointment(appointment_id=made.pk, actor_id=olga.pk, now=NOW)

    made.refresh_from_db()
    assert (made.status, made.cancel_reason, made.version) == ("BOOKED", "", 2)
    assert Event.objects.get().name == "appointments.AppointmentRestored"
    assert PatientTotals.objects.get(patient=clinic.patient).cancellations == 0


def test_an_arrival_is_undone_with_its_visit(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00", status="ARRIVED")
    Visit.objects.create(appointment=made, arrived_at=NOW)

    restore_appointment(appointment_id=made.pk, actor_id=None, now=NOW)

    made.refresh_from_db()
    assert made.status == Appointment.Status.BOOKED
    assert not Visit.objects.exists()


def test_a_cancellation_stays_when_the_time_is_gone(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00", status="CANCELLED", cancel_reason="MISTAKE")
    make_appointment(clinic, "10:15", patient=make_patient())

    with pytest.raises(SlotTaken) as refused:
        restore_appointment(appointment_id=made.pk, actor_id=None, now=NOW)

    assert refused.value.details["alternatives"]
    made.refresh_from_db()
    assert (made.status, made.cancel_reason) == ("CANCELLED", "MISTAKE")
    assert not Event.objects.exists()


def test_moving_onto_a_break_is_refused(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    make_time_off(clinic.doctor, clinic.branch, "13:00", "14:00")

    with pytest.raises(EmployeeAway):
        move(made, clinic.at("12:45"))
