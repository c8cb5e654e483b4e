from datetime import UTC, date, datetime, timedelta
from typing import Any

from appointments.queries import Slot, SlotQuery, list_free_slots
from tests.appointments.factories import NOW
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_branch,
    make_clinic,
    make_employee,
    make_patient,
    make_shift,
    make_time_off,
)


def free(clinic: Clinic, *, now: datetime = NOW, **fields: Any) -> list[Slot]:
    query = SlotQuery(
        service_id=clinic.service.pk,
        from_at=clinic.at("00:00"),
        until_at=clinic.at("00:00", DAY + timedelta(days=1)),
        **fields,
    )
    return list_free_slots(query=query, now=now)


def clocks(clinic: Clinic, slots: list[Slot]) -> list[str]:
    return [f"{slot.starts_at.astimezone(clinic.branch.zone):%H:%M}" for slot in slots]


def test_a_shift_is_cut_into_half_hours(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("11:00"))

    slots = free(clinic)

    assert clocks(clinic, slots) == ["09:00", "09:30", "10:00", "10:30"]
    assert slots[0] == Slot(
        employee_id=clinic.doctor.pk,
        branch_id=clinic.branch.pk,
        room_id=clinic.rooms[0].pk,
        starts_at=clinic.at("09:00"),
        ends_at=clinic.at("09:30"),
    )


def test_what_does_not_fill_half_hours_starts_each_quarter(moscow: object) -> None:
    clinic = make_clinic(duration=timedelta(minutes=40))
    clinic.doctor.shifts.update(ends_at=clinic.at("10:15"))

    assert clocks(clinic, free(clinic)) == ["09:00", "09:15", "09:30"]


def test_breaks_and_bookings_are_left_out(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("12:00"))
    make_time_off(clinic.doctor, clinic.branch, "09:20", "09:40")
    make_appointment(clinic, "10:00")
    make_appointment(clinic, "11:00", status="CANCELLED", cancel_reason="OTHER")

    assert clocks(clinic, free(clinic)) == ["10:30", "11:00", "11:30"]


def test_opening_hours_bound_the_shift(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(starts_at=clinic.at("07:00"), ends_at=clinic.at("09:00"))

    assert clocks(clinic, free(clinic)) == ["08:00", "08:30"]


def test_without_a_free_room_there_is_no_slot(moscow: object) -> None:
    clinic = make_clinic(rooms=1)
    clinic.doctor.shifts.update(ends_at=clinic.at("10:30"))
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_appointment(clinic, "09:15", employee=colleague, patient=make_patient())

    assert clocks(clinic, free(clinic)) == ["10:00"]


def test_the_free_one_of_two_rooms_is_offered(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("10:00"))
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_appointment(clinic, "09:00", employee=colleague, patient=make_patient())

    assert [slot.room_id for slot in free(clinic)] == [clinic.rooms[1].pk, clinic.rooms[0].pk]


def test_times_when_the_patient_is_elsewhere_are_left_out_for_him(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("10:00"))
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_appointment(clinic, "09:00", employee=colleague)

    assert clocks(clinic, free(clinic, patient_id=clinic.patient.pk)) == ["09:30"]


def test_an_appointment_about_to_move_frees_its_own_time(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("10:00"))
    made = make_appointment(clinic, "09:00")

    assert clocks(clinic, free(clinic, except_id=made.pk)) == ["09:00", "09:30"]


def test_the_past_is_not_offered(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("11:00"))

    assert clocks(clinic, free(clinic, now=clinic.at("09:40"))) == ["10:00", "10:30"]


def test_all_who_offer_the_service_are_asked_in_order_of_time(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("10:00"))
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch, "09:30", "10:30")

    slots = free(clinic)

    assert [slot.employee_id for slot in slots] == [
        clinic.doctor.pk,
        clinic.doctor.pk,
        colleague.pk,
        colleague.pk,
    ]
    assert [slot.starts_at for slot in free(clinic, employee_id=colleague.pk)] == [
        clinic.at("09:30"),
        clinic.at("10:00"),
    ]
    assert free(clinic, limit=3) == slots[:3]


def test_each_branch_has_its_own_clock(moscow: object) -> None:
    there = make_clinic(branch=make_branch(time_zone="Asia/Novosibirsk"))
    there.doctor.shifts.update(ends_at=there.at("09:30"))

    assert [slot.starts_at for slot in free(there)] == [datetime(2026, 12, 1, 2, tzinfo=UTC)]


def test_the_grid_stands_on_the_clock_of_a_zone_with_odd_minutes(moscow: object) -> None:
    there = make_clinic(branch=make_branch(time_zone="Asia/Kathmandu"))
    there.doctor.shifts.update(ends_at=there.at("10:10"))

    assert clocks(there, free(there)) == ["09:00", "09:30"]


def test_the_hour_that_comes_twice_is_offered_twice(moscow: object) -> None:
    there = make_clinic(branch=make_branch(time_zone="Europe/Berlin", opens_at="00:00"))
    autumn = date(2026, 10, 25)
    there.doctor.shifts.update(
        starts_at=there.at("01:30", autumn), ends_at=there.at("03:30", autumn)
    )
    query = SlotQuery(
        service_id=there.service.pk,
        from_at=there.at("00:00", autumn),
        until_at=there.at("12:00", autumn),
    )

    slots = list_free_slots(query=query, now=datetime(2026, 10, 1, tzinfo=UTC))

    assert clocks(there, slots) == ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
