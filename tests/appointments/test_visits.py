from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from appointments.actions import SlotTaken, StatusNotAllowed
from appointments.actions.bill import LineInput
from appointments.actions.payments import take_payment
from appointments.actions.visits import (
    CALL_AGAIN_AFTER,
    CALL_MISSED_WITHIN,
    MoneyTaken,
    NotToday,
    TooEarly,
    finish_visit,
    mark_arrived,
    mark_no_show,
    reopen_visit,
    start_visit,
)
from appointments.models import Appointment, PatientTotals, PaymentMethod, Visit
from clinic.models import Role, User
from outbox.models import Event
from tests.factories import Clinic, make_appointment, make_patient
from worklist.models import Task

DONE = Appointment.Status.DONE


def names() -> list[str]:
    return [
        name.split(".")[1] for name in Event.objects.order_by("id").values_list("name", flat=True)
    ]


def status_of(appointment: Appointment) -> str:
    return Appointment.objects.get(pk=appointment.pk).status


def test_a_visit_goes_from_the_door_to_the_bill(clinic: Clinic, olga: User) -> None:
    appointment = make_appointment(clinic, "10:00")

    mark_arrived(appointment_id=appointment.pk, actor_id=olga.pk, now=clinic.at("09:55"))
    start_visit(appointment_id=appointment.pk, actor_id=olga.pk, now=clinic.at("10:02"))
    visit = finish_visit(
        appointment_id=appointment.pk, lines=[], actor_id=olga.pk, now=clinic.at("10:31")
    )

    assert status_of(appointment) == DONE
    assert (visit.arrived_at, visit.started_at, visit.finished_at) == (
        clinic.at("09:55"),
        clinic.at("10:02"),
        clinic.at("10:31"),
    )
    assert names() == ["PatientArrived", "VisitStarted", "VisitFinished"]


def test_without_lines_the_bill_is_the_booked_service_at_the_booked_price(clinic: Clinic) -> None:
    appointment = make_appointment(clinic, price=Decimal("1999.50"))

    visit = finish_visit(
        appointment_id=appointment.pk, lines=[], actor_id=None, now=clinic.at("10:30")
    )

    assert visit.total == Decimal("1999.50")
    line = visit.lines.get()
    assert (line.service, line.quantity, line.price) == (clinic.service, 1, Decimal("1999.50"))


def test_a_finished_visit_counts_in_the_totals_of_the_patient(clinic: Clinic) -> None:
    appointment = make_appointment(clinic)

    finish_visit(appointment_id=appointment.pk, lines=[], actor_id=None, now=clinic.at("10:30"))

    totals = PatientTotals.objects.get(patient=clinic.patient)
    assert (totals.visits, totals.spent, totals.debt) == (1, Decimal(0), clinic.service.price)
    assert totals.last_visit_at == appointment.starts_at


@pytest.mark.parametrize("action", [mark_arrived, start_visit])
def test_a_double_tap_changes_nothing(clinic: Clinic, action: Callable[..., Visit]) -> None:
    appointment = make_appointment(clinic)
    first = action(appointment_id=appointment.pk, actor_id=None, now=clinic.at("10:00"))
    told, version = names(), Appointment.objects.get(pk=appointment.pk).version

    again = action(appointment_id=appointment.pk, actor_id=None, now=clinic.at("10:01"))

    assert again.pk == first.pk
    assert (again.arrived_at, again.started_at) == (first.arrived_at, first.started_at)
    assert (names(), Appointment.objects.get(pk=appointment.pk).version) == (told, version)


def test_finishing_twice_keeps_the_first_bill(clinic: Clinic) -> None:
    appointment = make_appointment(clinic)
    finish_visit(appointment_id=appointment.pk, lines=[], actor_id=None, now=clinic.at("10:30"))

    other = LineInput(service_id=clinic.service.pk, price=Decimal(1))
    visit = finish_visit(
        appointment_id=appointment.pk, lines=[other], actor_id=None, now=clinic.at("10:31")
    )

    assert visit.total == clinic.service.price
    assert visit.finished_at == clinic.at("10:30")
    assert names().count("VisitFinished") == 1


def test_the_doctor_who_starts_an_unmarked_patient_has_him_arrive(clinic: Clinic) -> None:
    appointment = make_appointment(clinic)

    visit = start_visit(appointment_id=appointment.pk, actor_id=None, now=clinic.at("10:03"))

    assert (visit.arrived_at, visit.started_at) == (clinic.at("10:03"), clinic.at("10:03"))
    assert names() == ["PatientArrived", "VisitStarted"]


@pytest.mark.parametrize("action", [mark_arrived, start_visit, mark_no_show])
def test_a_cancelled_visit_refuses_every_step(clinic: Clinic, action: Callable[..., Visit]) -> None:
    appointment = make_appointment(clinic, status="CANCELLED", cancel_reason="ILLNESS")

    with pytest.raises(StatusNotAllowed):
        action(appointment_id=appointment.pk, actor_id=None, now=clinic.at("10:30"))

    assert status_of(appointment) == Appointment.Status.CANCELLED
    assert not Visit.objects.exists()
    assert names() == []


def test_nobody_arrives_for_a_visit_of_another_day(clinic: Clinic) -> None:
    appointment = make_appointment(clinic)

    with pytest.raises(NotToday):
        mark_arrived(
            appointment_id=appointment.pk,
            actor_id=None,
            now=clinic.at("10:00") - timedelta(days=1),
        )

    assert status_of(appointment) == Appointment.Status.BOOKED


def test_who_did_not_come_is_to_be_called(clinic: Clinic, olga: User) -> None:
    appointment = make_appointment(clinic)
    now = clinic.at("10:20")

    for _ in range(2):
        mark_no_show(appointment_id=appointment.pk, actor_id=olga.pk, now=now)

    assert status_of(appointment) == Appointment.Status.NO_SHOW
    task, again = Task.objects.order_by("due_at")
    assert (task.kind, task.patient, task.role) == (
        Task.Kind.CALL_NO_SHOW,
        clinic.patient,
        Role.ADMINISTRATOR,
    )
    assert task.due_at == now + CALL_MISSED_WITHIN
    assert again.due_at == now + CALL_AGAIN_AFTER
    assert names() == ["TaskOpened", "TaskOpened", "AppointmentMissed"]
    assert PatientTotals.objects.get().no_shows == 1


def test_nobody_is_missed_before_the_time(clinic: Clinic) -> None:
    appointment = make_appointment(clinic, "10:00")

    with pytest.raises(TooEarly):
        mark_no_show(appointment_id=appointment.pk, actor_id=None, now=clinic.at("09:59"))

    assert status_of(appointment) == Appointment.Status.BOOKED
    assert not Task.objects.exists()


def test_a_late_patient_takes_the_call_back(clinic: Clinic) -> None:
    appointment = make_appointment(clinic)
    mark_no_show(appointment_id=appointment.pk, actor_id=None, now=clinic.at("10:20"))

    mark_arrived(appointment_id=appointment.pk, actor_id=None, now=clinic.at("10:25"))

    assert status_of(appointment) == Appointment.Status.ARRIVED
    assert {task.status for task in Task.objects.all()} == {Task.Status.CANCELLED}
    assert PatientTotals.objects.get().no_shows == 0


def test_a_late_patient_does_not_push_out_who_took_the_time(clinic: Clinic) -> None:
    late = make_appointment(clinic)
    mark_no_show(appointment_id=late.pk, actor_id=None, now=clinic.at("10:20"))
    make_appointment(clinic, patient=make_patient())

    with pytest.raises(SlotTaken):
        mark_arrived(appointment_id=late.pk, actor_id=None, now=clinic.at("10:25"))

    assert status_of(late) == Appointment.Status.NO_SHOW
    assert {task.status for task in Task.objects.all()} == {Task.Status.OPEN}


def test_a_finish_by_mistake_is_undone(clinic: Clinic) -> None:
    appointment = make_appointment(clinic)
    finish_visit(appointment_id=appointment.pk, lines=[], actor_id=None, now=clinic.at("10:05"))

    visit = reopen_visit(appointment_id=appointment.pk, actor_id=None, now=clinic.at("10:06"))

    assert visit.finished_at is None
    assert status_of(appointment) == Appointment.Status.IN_PROGRESS
    assert PatientTotals.objects.get().visits == 0
    assert names()[-1] == "VisitReopened"


def test_a_paid_visit_is_not_reopened(clinic: Clinic) -> None:
    appointment = make_appointment(clinic)
    visit = finish_visit(
        appointment_id=appointment.pk, lines=[], actor_id=None, now=clinic.at("10:05")
    )
    take_payment(
        visit_id=visit.pk,
        method=PaymentMethod.CASH,
        amount=Decimal(100),
        key="k",
        actor_id=None,
        now=clinic.at("10:06"),
    )

    with pytest.raises(MoneyTaken):
        reopen_visit(appointment_id=appointment.pk, actor_id=None, now=clinic.at("10:07"))

    assert status_of(appointment) == DONE
