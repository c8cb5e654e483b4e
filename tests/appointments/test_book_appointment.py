from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

import pytest

from appointments.actions import (
    BranchClosed,
    EmployeeAway,
    KeyReused,
    NoRoom,
    NotFree,
    OutsideShift,
    PatientBusy,
    ServiceNotOffered,
    SlotInPast,
    SlotTaken,
    book_appointment,
)
from appointments.models import Appointment, PatientTotals
from clinic.models import User
from outbox.models import Event
from tests.appointments.factories import NOW, make_order
from tests.factories import (
    Clinic,
    make_appointment,
    make_branch,
    make_employee,
    make_patient,
    make_room,
    make_service,
    make_shift,
    make_source,
    make_time_off,
)


def book(clinic: Clinic, clock: str = "10:00", **fields: object) -> Appointment:
    return book_appointment(order=make_order(clinic, clock, **fields), actor_id=None, now=NOW)


def test_a_free_time_is_booked(clinic: Clinic, olga: User) -> None:
    source = make_source()
    order = make_order(clinic, "10:00", source_id=source.pk, note="просила у окна")

    booked = book_appointment(order=order, actor_id=olga.pk, now=NOW)

    booked.refresh_from_db()
    assert (booked.starts_at, booked.ends_at) == (clinic.at("10:00"), clinic.at("10:30"))
    assert booked.status == Appointment.Status.BOOKED
    assert booked.price == Decimal("2500.00")
    assert booked.room_id in {room.pk for room in clinic.rooms}
    assert (booked.source_id, booked.note) == (source.pk, "просила у окна")
    assert (booked.created_at, booked.created_by_id) == (NOW, olga.pk)
    event = Event.objects.get()
    assert (event.name, event.patient_id) == ("appointments.AppointmentBooked", clinic.patient.pk)
    assert event.payload == {"appointment_id": booked.pk}
    totals = PatientTotals.objects.get(patient=clinic.patient)
    assert totals.next_at == totals.booked_until_at == clinic.at("10:00")


def test_a_repeated_order_is_the_same_booking(clinic: Clinic) -> None:
    order = make_order(clinic)

    first = book_appointment(order=order, actor_id=None, now=NOW)
    again = book_appointment(order=order, actor_id=None, now=NOW)

    assert again.pk == first.pk
    assert Appointment.objects.count() == 1
    assert Event.objects.count() == 1


def test_another_order_under_a_used_key_is_refused(clinic: Clinic) -> None:
    order = make_order(clinic, "10:00")
    book_appointment(order=order, actor_id=None, now=NOW)

    with pytest.raises(KeyReused):
        book_appointment(order=replace(order, starts_at=clinic.at("12:00")), actor_id=None, now=NOW)
    assert Appointment.objects.get().starts_at == clinic.at("10:00")


def test_whoever_came_without_booking_gets_the_time_that_has_just_begun(clinic: Clinic) -> None:
    order = make_order(clinic, "10:00")

    booked = book_appointment(order=order, actor_id=None, now=clinic.at("10:25"))

    assert booked.starts_at == clinic.at("10:00")


def test_back_to_back_is_no_overlap(clinic: Clinic) -> None:
    make_appointment(clinic, "10:00")

    assert book(clinic, "10:30").starts_at == clinic.at("10:30")


def test_a_cancelled_appointment_leaves_its_time_free(clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", status="CANCELLED", cancel_reason="OTHER")

    assert book(clinic, "10:00").status == Appointment.Status.BOOKED


def test_the_room_that_other_services_need_least_is_taken(clinic: Clinic) -> None:
    make_service(rooms=[clinic.rooms[0]])

    assert book(clinic).room == clinic.rooms[1]


def test_a_demanded_room_is_given(clinic: Clinic) -> None:
    assert book(clinic, room_id=clinic.rooms[1].pk).room == clinic.rooms[1]


def test_a_service_without_rooms_takes_none(clinic: Clinic) -> None:
    service = make_service()
    clinic.doctor.services.add(service)

    assert book(clinic, service_id=service.pk).room is None


def test_a_shift_can_go_on_where_another_ended(clinic: Clinic) -> None:
    make_shift(clinic.doctor, clinic.branch, "18:00", "20:00")

    assert book(clinic, "17:45").starts_at == clinic.at("17:45")


def _take(clinic: Clinic) -> None:
    make_appointment(clinic, "10:15", patient=make_patient())


def _take_patient(clinic: Clinic) -> None:
    other = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_appointment(clinic, "10:15", employee=other)


def _take_rooms(clinic: Clinic) -> None:
    for room in clinic.rooms:
        other = make_employee(branches=[clinic.branch], services=[clinic.service])
        make_appointment(clinic, "10:15", employee=other, room=room, patient=make_patient())


def _end_shift(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("10:15"))


def _move_shift(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(branch=make_branch())


def _take_break(clinic: Clinic) -> None:
    make_time_off(clinic.doctor, clinic.branch, "10:15", "10:30")


def _open_late(clinic: Clinic) -> None:
    clinic.branch.opens_at = time(10, 15)
    clinic.branch.save()


def _close_branch(clinic: Clinic) -> None:
    clinic.branch.is_active = False
    clinic.branch.save()


def _close_rooms(clinic: Clinic) -> None:
    for room in clinic.rooms:
        room.is_active = False
        room.save()


def _drop_service(clinic: Clinic) -> None:
    clinic.doctor.services.clear()


def _retire_service(clinic: Clinic) -> None:
    clinic.service.is_active = False
    clinic.service.save()


def _dismiss(clinic: Clinic) -> None:
    clinic.doctor.is_active = False
    clinic.doctor.save()


REFUSED_CASES = [
    (_take, SlotTaken),
    (_take_patient, PatientBusy),
    (_take_rooms, NoRoom),
    (_close_rooms, NoRoom),
    (_end_shift, OutsideShift),
    (_move_shift, OutsideShift),
    (_take_break, EmployeeAway),
    (_open_late, BranchClosed),
    (_close_branch, BranchClosed),
    (_drop_service, ServiceNotOffered),
    (_retire_service, ServiceNotOffered),
    (_dismiss, ServiceNotOffered),
]


@pytest.mark.parametrize(("spoil", "refusal"), REFUSED_CASES)
def test_what_stands_in_the_way_is_named_and_nothing_changes(
    clinic: Clinic, spoil: object, refusal: type[NotFree]
) -> None:
    assert callable(spoil)
    spoil(clinic)
    before = list(Appointment.objects.values())

    with pytest.raises(refusal) as refused:
        book(clinic, "10:00")

    assert type(refused.value) is refusal
    assert "alternatives" in refused.value.details
    assert list(Appointment.objects.values()) == before
    assert not Event.objects.exists()
    assert not PatientTotals.objects.exists()


def test_the_past_is_refused(clinic: Clinic) -> None:
    order = make_order(clinic, "10:00")

    with pytest.raises(SlotInPast):
        book_appointment(order=order, actor_id=None, now=clinic.at("10:31"))
    assert not Appointment.objects.exists()


def test_a_room_of_another_branch_does_not_serve(clinic: Clinic) -> None:
    clinic.service.rooms.set([make_room(make_branch())])

    with pytest.raises(NoRoom):
        book(clinic)


def test_a_refusal_offers_the_nearest_times_of_the_doctor_then_of_others(clinic: Clinic) -> None:
    _take(clinic)
    colleague = make_employee(
        branches=[clinic.branch], services=[clinic.service], last_name="Лунева"
    )
    make_shift(colleague, clinic.branch, "11:00", "12:00")

    with pytest.raises(SlotTaken) as refused:
        book(clinic, "10:00")

    alternatives = refused.value.details["alternatives"]
    assert isinstance(alternatives, list)
    assert [(offer["employee_id"], offer["starts_at"]) for offer in alternatives] == [
        (clinic.doctor.pk, clinic.at("09:00").isoformat()),
        (clinic.doctor.pk, clinic.at("09:30").isoformat()),
        (clinic.doctor.pk, clinic.at("11:00").isoformat()),
        (colleague.pk, clinic.at("11:00").isoformat()),
    ]
    assert alternatives[3]["employee"] == "Лунева И."


def test_what_is_offered_can_be_booked(clinic: Clinic) -> None:
    _take(clinic)
    with pytest.raises(SlotTaken) as refused:
        book(clinic, "10:00")

    alternatives = refused.value.details["alternatives"]

    assert isinstance(alternatives, list)
    for number, offer in enumerate(alternatives):
        booked = book_appointment(
            order=replace(
                make_order(clinic, key=f"offer-{number}"),
                employee_id=offer["employee_id"],
                starts_at=datetime.fromisoformat(offer["starts_at"]),
            ),
            actor_id=None,
            now=NOW,
        )
        assert booked.starts_at.isoformat() == offer["starts_at"]
