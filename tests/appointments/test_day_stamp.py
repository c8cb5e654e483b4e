"""Whatever changes the day changes its stamp, and nothing else does.

The stamp is made of the transactions that wrote the rows, so the changes here are committed.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from appointments.actions import HoldOrder, cancel_appointment, hold_slot
from appointments.models import Appointment, Hold, Visit
from appointments.queries import get_day_stamp, list_day
from clinic.models import Branch, Employee, Room, Service, Shift, TimeOff
from patients.models import Patient
from tests.appointments.factories import NOW
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_clinic,
    make_patient,
    make_shift,
    make_time_off,
)

pytestmark = pytest.mark.django_db(transaction=True)


def cancel(clinic: Clinic) -> None:
    made = Appointment.objects.get()
    cancel_appointment(
        appointment_id=made.pk, reason="ILLNESS", by_patient=False, actor_id=None, now=NOW
    )


def hold(clinic: Clinic) -> None:
    order = HoldOrder(
        owner="another",
        service_id=clinic.service.pk,
        employee_id=clinic.doctor.pk,
        branch_id=clinic.branch.pk,
        starts_at=clinic.at("15:00"),
    )
    hold_slot(order=order, actor_id=None, now=NOW)


CHANGES: dict[str, Callable[[Clinic], object]] = {
    "cancelled": cancel,
    "restored": lambda _clinic: Appointment.objects.update(status="BOOKED", cancel_reason=""),
    "booked": lambda clinic: make_appointment(clinic, "12:00", patient=make_patient()),
    "moved": lambda clinic: Appointment.objects.filter(patient=clinic.patient).update(
        starts_at=clinic.at("11:00"), ends_at=clinic.at("11:30")
    ),
    "confirmed": lambda _clinic: Appointment.objects.update(status="CONFIRMED"),
    "noted": lambda _clinic: Appointment.objects.update(note="перезвонить"),
    "held": hold,
    "paid": lambda _clinic: Visit.objects.update(paid=100),
    "patient renamed": lambda _clinic: Patient.objects.update(last_name="Новая"),
    "doctor renamed": lambda _clinic: Employee.objects.update(last_name="Новый"),
    "service renamed": lambda _clinic: Service.objects.update(name="Другая"),
    "room renamed": lambda clinic: Room.objects.filter(pk=clinic.rooms[0].pk).update(name="7"),
    "shift changed": lambda clinic: Shift.objects.update(ends_at=clinic.at("17:00")),
    "shift removed": lambda _clinic: Shift.objects.all().delete(),
    "break added": lambda clinic: make_time_off(clinic.doctor, clinic.branch, "13:00", "14:00"),
    "break noted": lambda _clinic: TimeOff.objects.update(note="обед"),
    "hours changed": lambda _clinic: Branch.objects.update(name="Другой"),
}


def make_day() -> Clinic:
    clinic = make_clinic()
    made = make_appointment(clinic, "10:00")
    Visit.objects.create(appointment=made, arrived_at=NOW, total=2500, paid=0)
    make_time_off(clinic.doctor, clinic.branch, "16:00", "16:30")
    return clinic


def test_what_changes_the_day_changes_its_stamp() -> None:
    clinic = make_day()
    stamps = [get_day_stamp(branch=clinic.branch, on=DAY, now=NOW)]

    for change in CHANGES.values():
        change(clinic)
        stamps.append(get_day_stamp(branch=clinic.branch, on=DAY, now=NOW))

    same = [name for number, name in enumerate(CHANGES) if stamps[number] == stamps[number + 1]]
    assert same == []


def test_the_stamp_of_a_quiet_day_stays(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    clinic = make_day()
    before = get_day_stamp(branch=clinic.branch, on=DAY, now=NOW)
    make_appointment(clinic, "10:00", on=DAY + timedelta(days=1))
    make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=1))

    with django_assert_num_queries(1):
        after = get_day_stamp(branch=clinic.branch, on=DAY, now=NOW + timedelta(hours=1))

    assert after == before


def test_the_stamp_changes_when_somebody_is_late() -> None:
    clinic = make_day()
    start = clinic.at("10:00")
    before = get_day_stamp(branch=clinic.branch, on=DAY, now=start - timedelta(minutes=1))

    assert get_day_stamp(branch=clinic.branch, on=DAY, now=start) != before


def test_the_stamp_changes_when_a_hold_expires() -> None:
    clinic = make_day()
    hold(clinic)
    expires_at = Hold.objects.get().expires_at
    moments = [expires_at - timedelta(minutes=1), expires_at]

    stamps = [get_day_stamp(branch=clinic.branch, on=DAY, now=now) for now in moments]

    assert stamps[0] != stamps[1]
    assert [len(list_day(branch=clinic.branch, on=DAY, now=now).holds) for now in moments] == [1, 0]
