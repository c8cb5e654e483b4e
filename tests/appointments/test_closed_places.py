"""A closed room, device or day takes no bookings, whoever tries and however."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from appointments.actions import book_appointment
from appointments.actions.refusals import BranchClosed, NoRoom
from appointments.models import Appointment
from appointments.queries import SlotQuery, list_free_slots
from clinic.models import BranchDay, Closure
from tests.appointments.factories import NOW, make_order
from tests.factories import DAY, Clinic, make_appointment, make_device

pytestmark = pytest.mark.django_db


def close_rooms(clinic: Clinic, starts: str, ends: str) -> None:
    for room in clinic.rooms:
        Closure.objects.create(room=room, starts_at=clinic.at(starts), ends_at=clinic.at(ends))


def list_starts(clinic: Clinic) -> list[str]:
    query = SlotQuery(
        service_id=clinic.service.pk, from_at=clinic.at("00:00"), until_at=clinic.at("23:59")
    )
    found = list_free_slots(query=query, now=NOW)
    return [f"{slot.starts_at.astimezone(clinic.branch.zone):%H:%M}" for slot in found]


def test_no_slot_is_offered_in_closed_rooms(clinic: Clinic) -> None:
    close_rooms(clinic, "09:00", "17:00")

    assert list_starts(clinic) == ["17:00", "17:30"]
    with pytest.raises(NoRoom) as refusal:
        book_appointment(order=make_order(clinic, "10:00"), actor_id=None, now=NOW)

    assert refusal.value.details["alternatives"]
    assert not Appointment.objects.exists()


def test_another_room_is_taken_instead(clinic: Clinic) -> None:
    room, other = clinic.rooms
    Closure.objects.create(room=room, starts_at=clinic.at("09:00"), ends_at=clinic.at("18:00"))

    booked = book_appointment(order=make_order(clinic, "10:00"), actor_id=None, now=NOW)

    assert booked.room_id == other.pk


def test_a_closed_device_closes_its_service(clinic: Clinic) -> None:
    device = make_device(clinic.branch, capacity=3)
    clinic.service.devices.add(device)
    Closure.objects.create(device=device, starts_at=clinic.at("09:00"), ends_at=clinic.at("17:30"))

    assert list_starts(clinic) == ["17:30"]


def test_a_closed_day_and_a_short_one(clinic: Clinic) -> None:
    day = BranchDay.objects.create(branch=clinic.branch, on=DAY, kind="CLOSED")

    assert list_starts(clinic) == []
    with pytest.raises(BranchClosed):
        book_appointment(order=make_order(clinic, "10:00"), actor_id=None, now=NOW)
    BranchDay.objects.filter(pk=day.pk).update(kind="SHORT", opens_at="10:00", closes_at="11:00")
    assert list_starts(clinic) == ["10:00", "10:30"]
    with pytest.raises(BranchClosed):
        book_appointment(order=make_order(clinic, "11:00"), actor_id=None, now=NOW)
    BranchDay.objects.filter(pk=day.pk).update(kind="OPEN", opens_at=None, closes_at=None)

    assert len(list_starts(clinic)) == 18


def test_the_database_refuses_a_closed_room_by_itself(clinic: Clinic) -> None:
    booked = make_appointment(clinic, "14:00")
    Closure.objects.create(
        room=clinic.rooms[0], starts_at=clinic.at("09:00"), ends_at=clinic.at("15:00")
    )

    with pytest.raises(IntegrityError, match="open_place"), transaction.atomic():
        make_appointment(clinic, "10:00")
    with pytest.raises(IntegrityError, match="open_place"), transaction.atomic():
        Appointment.objects.filter(pk=booked.pk).update(
            starts_at=booked.starts_at - timedelta(hours=1),
            ends_at=booked.ends_at - timedelta(hours=1),
        )
    Appointment.objects.filter(pk=booked.pk).update(status="CONFIRMED")

    booked.refresh_from_db()
    assert (booked.status, booked.starts_at) == ("CONFIRMED", clinic.at("14:00"))
