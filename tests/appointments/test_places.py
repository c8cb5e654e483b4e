"""Rooms and devices for several visits at once: a visit takes one numbered place in each."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from appointments.actions import (
    NoRoom,
    book_appointment,
    cancel_appointment,
    move_appointment,
    restore_appointment,
)
from appointments.models import Appointment
from appointments.queries import SlotQuery, list_free_slots
from clinic.models import Device, Employee
from tests.appointments.factories import NOW, make_order
from tests.factories import (
    Clinic,
    make_appointment,
    make_device,
    make_employee,
    make_patient,
    make_shift,
)


@pytest.fixture
def staff(clinic: Clinic) -> list[Employee]:
    """Three who do the same service at the same hours."""
    others = [make_employee(branches=[clinic.branch], services=[clinic.service]) for _ in range(2)]
    for other in others:
        make_shift(other, clinic.branch)
    return [clinic.doctor, *others]


@pytest.fixture
def device(clinic: Clinic) -> Device:
    clinic.service.rooms.clear()
    device = make_device(clinic.branch)
    clinic.service.devices.add(device)
    return device


def book(clinic: Clinic, employee: Employee, clock: str = "10:00") -> Appointment:
    order = make_order(clinic, clock, employee_id=employee.pk, patient_id=make_patient().pk)
    return book_appointment(order=order, actor_id=None, now=NOW)


def test_a_hall_takes_as_many_visits_as_it_has_places(
    clinic: Clinic, staff: list[Employee]
) -> None:
    (hall, _other) = clinic.rooms
    hall.capacity = 2
    hall.save()
    clinic.service.rooms.set([hall])

    booked = [book(clinic, employee) for employee in staff[:2]]

    assert [(row.room, row.room_unit) for row in booked] == [(hall, 1), (hall, 2)]
    with pytest.raises(NoRoom) as refusal:
        book(clinic, staff[2])
    alternatives = refusal.value.details["alternatives"]
    assert isinstance(alternatives, list)
    assert clinic.at("10:00").isoformat() not in {one["starts_at"] for one in alternatives}


def test_a_device_is_taken_with_whoever_uses_it(
    clinic: Clinic, staff: list[Employee], device: Device
) -> None:
    booked = book(clinic, staff[0])

    assert (booked.device, booked.room) == (device, None)
    with pytest.raises(NoRoom):
        book(clinic, staff[1], "10:15")
    assert book(clinic, staff[1], "10:30").device == device


def test_only_times_with_a_free_device_are_offered(
    clinic: Clinic, staff: list[Employee], device: Device
) -> None:
    book(clinic, staff[0])
    query = SlotQuery(
        service_id=clinic.service.pk,
        employee_id=staff[1].pk,
        from_at=clinic.at("09:30"),
        until_at=clinic.at("11:00"),
    )

    starts = [slot.starts_at for slot in list_free_slots(query=query, now=NOW)]

    assert starts == [clinic.at("09:30"), clinic.at("10:30")]


def test_a_device_out_of_use_is_no_device(clinic: Clinic, device: Device) -> None:
    Device.objects.update(is_active=False)

    with pytest.raises(NoRoom):
        book(clinic, clinic.doctor)


def test_moved_and_restored_it_takes_a_place_again(
    clinic: Clinic, staff: list[Employee], device: Device
) -> None:
    Device.objects.update(capacity=2)
    made = book(clinic, staff[0])
    cancel_appointment(
        appointment_id=made.pk, reason="OTHER", by_patient=False, actor_id=None, now=NOW
    )
    first = book(clinic, staff[1])

    restored = restore_appointment(appointment_id=made.pk, actor_id=None, now=NOW)
    moved = move_appointment(
        appointment_id=first.pk,
        starts_at=clinic.at("10:00") + timedelta(minutes=15),
        version=1,
        actor_id=None,
        now=NOW,
    )

    assert {(row.device_id, row.device_unit) for row in (restored, moved)} == {
        (device.pk, 1),
        (device.pk, 2),
    }


def test_the_database_keeps_the_capacity(clinic: Clinic, device: Device) -> None:
    make_appointment(clinic, room=None, device=device)

    with pytest.raises(IntegrityError, match="appointment_one_per_device"):
        make_appointment(
            clinic, room=None, device=device, patient=make_patient(), employee=make_employee()
        )
