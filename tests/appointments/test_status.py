import pytest

from appointments.actions import (
    NotUpcoming,
    SlotTaken,
    StatusNotAllowed,
    VisitBegan,
    ask_to_move,
    cancel_appointment,
    change_status,
    confirm_appointment,
    lock_appointment,
)
from appointments.models import ALLOWED_MOVES, Appointment, AppointmentStatus, PatientTotals
from clinic.models import User
from outbox.models import Event
from tests.appointments.factories import NOW
from tests.factories import Clinic, make_appointment, make_patient
from worklist.models import Task


def test_a_patient_confirms(clinic: Clinic) -> None:
    made = make_appointment(clinic)

    confirm_appointment(appointment_id=made.pk, by_patient=True, actor_id=None, now=NOW)

    made.refresh_from_db()
    assert (made.status, made.version) == (Appointment.Status.CONFIRMED, 2)
    event = Event.objects.get()
    assert event.name == "appointments.AppointmentConfirmed"
    assert event.payload == {"appointment_id": made.pk, "by_patient": True}


def test_confirming_twice_is_once(clinic: Clinic) -> None:
    made = make_appointment(clinic)

    for _ in range(2):
        confirm_appointment(appointment_id=made.pk, by_patient=True, actor_id=None, now=NOW)

    made.refresh_from_db()
    assert made.version == 2
    assert Event.objects.count() == 1


def test_confirming_takes_back_the_wish_to_move(clinic: Clinic, olga: User) -> None:
    made = make_appointment(clinic, status="CONFIRMED")
    ask_to_move(appointment_id=made.pk, now=NOW)

    confirm_appointment(appointment_id=made.pk, by_patient=False, actor_id=olga.pk, now=NOW)

    made.refresh_from_db()
    assert (made.status, made.wants_move) == (Appointment.Status.CONFIRMED, False)
    assert Task.objects.get().status == Task.Status.DONE


def test_reception_cancels_with_a_reason(clinic: Clinic, olga: User) -> None:
    made = make_appointment(clinic)

    cancel_appointment(
        appointment_id=made.pk, reason="ILLNESS", by_patient=False, actor_id=olga.pk, now=NOW
    )

    made.refresh_from_db()
    assert (made.status, made.cancel_reason) == (Appointment.Status.CANCELLED, "ILLNESS")
    event = Event.objects.get()
    assert (event.name, event.actor_id) == ("appointments.AppointmentCancelled", olga.pk)
    assert event.payload == {
        "appointment_id": made.pk,
        "reason": "ILLNESS",
        "by_patient": False,
    }
    totals = PatientTotals.objects.get(patient=clinic.patient)
    assert (totals.cancellations, totals.next_at) == (1, None)


def test_cancelling_twice_is_once(clinic: Clinic) -> None:
    made = make_appointment(clinic)

    for reason in ("BY_LINK", "OTHER"):
        cancel_appointment(
            appointment_id=made.pk, reason=reason, by_patient=True, actor_id=None, now=NOW
        )

    made.refresh_from_db()
    assert made.cancel_reason == "BY_LINK"
    assert Event.objects.count() == 1


@pytest.mark.parametrize("status", ["ARRIVED", "IN_PROGRESS", "DONE", "NO_SHOW"])
def test_a_visit_that_began_is_not_cancelled(clinic: Clinic, status: str) -> None:
    made = make_appointment(clinic, status=status)

    with pytest.raises(StatusNotAllowed):
        cancel_appointment(
            appointment_id=made.pk, reason="OTHER", by_patient=False, actor_id=None, now=NOW
        )

    made.refresh_from_db()
    assert (made.status, made.cancel_reason, made.version) == (status, "", 1)
    assert not Event.objects.exists()


def test_after_its_start_the_patient_changes_nothing(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    start = clinic.at("10:00")

    with pytest.raises(VisitBegan):
        confirm_appointment(appointment_id=made.pk, by_patient=True, actor_id=None, now=start)
    with pytest.raises(VisitBegan):
        cancel_appointment(
            appointment_id=made.pk, reason="BY_LINK", by_patient=True, actor_id=None, now=start
        )
    with pytest.raises(VisitBegan):
        ask_to_move(appointment_id=made.pk, now=start)

    made.refresh_from_db()
    assert (made.status, made.wants_move, made.version) == ("BOOKED", False, 1)
    assert not Event.objects.exists()


def test_asking_to_move_has_reception_call(clinic: Clinic) -> None:
    made = make_appointment(clinic)

    for _ in range(2):
        ask_to_move(appointment_id=made.pk, now=NOW, wish="после пяти вечера")

    made.refresh_from_db()
    assert made.wants_move
    task = Task.objects.get()
    assert (task.kind, task.role, task.note) == ("CALL_MOVE", "ADMINISTRATOR", "после пяти вечера")
    assert (task.subject_kind, task.subject_id) == ("appointments.appointment", made.pk)
    assert Event.objects.filter(name="appointments.MoveAsked").count() == 1


def test_a_cancelled_appointment_is_not_asked_to_move(clinic: Clinic) -> None:
    made = make_appointment(clinic, status="CANCELLED", cancel_reason="OTHER")

    with pytest.raises(NotUpcoming):
        ask_to_move(appointment_id=made.pk, now=NOW)
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("status", "to"),
    [
        (status, to)
        for status in AppointmentStatus.values
        for to in AppointmentStatus.values
        if to not in ALLOWED_MOVES[status]
    ],
)
def test_no_other_step_is_allowed(clinic: Clinic, status: str, to: str) -> None:
    made = make_appointment(
        clinic, status=status, cancel_reason="OTHER" if status == "CANCELLED" else ""
    )
    before = Appointment.objects.filter(pk=made.pk).values().get()

    with pytest.raises(StatusNotAllowed):
        change_status(lock_appointment(made.pk), to)
    assert Appointment.objects.filter(pk=made.pk).values().get() == before


def test_a_missed_one_does_not_come_back_over_another(clinic: Clinic) -> None:
    missed = make_appointment(clinic, "10:00", status="NO_SHOW")
    make_appointment(clinic, "10:00", patient=make_patient())

    with pytest.raises(SlotTaken):
        change_status(lock_appointment(missed.pk), Appointment.Status.ARRIVED)
    missed.refresh_from_db()
    assert missed.status == "NO_SHOW"
