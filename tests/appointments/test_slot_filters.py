"""What narrows a search for free times, what comes first, and what is named instead."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from appointments.queries import (
    AlternativeKind,
    Slot,
    SlotOrder,
    SlotQuery,
    Wish,
    list_alternatives,
    list_free_slots,
    list_positions,
    list_proposals,
)
from clinic.models import Branch, Employee
from tests.appointments.factories import NOW
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_branch,
    make_employee,
    make_patient,
    make_service,
    make_shift,
    make_time_off,
)

NEXT_DAY = DAY + timedelta(days=1)


def free(clinic: Clinic, **fields: Any) -> list[Slot]:
    query = SlotQuery(
        service_id=clinic.service.pk,
        from_at=clinic.at("00:00"),
        until_at=clinic.at("00:00", DAY + timedelta(days=7)),
        **fields,
    )
    return list_free_slots(query=query, now=NOW)


def clocks(clinic: Clinic, slots: list[Slot]) -> list[str]:
    return [f"{slot.starts_at.astimezone(clinic.branch.zone):%H:%M}" for slot in slots]


def wish_for(clinic: Clinic, clock: str = "10:00") -> Wish:
    return Wish(
        service_id=clinic.service.pk,
        employee_id=clinic.doctor.pk,
        branch_id=clinic.branch.pk,
        patient_id=clinic.patient.pk,
        starts_at=clinic.at(clock),
        ends_at=clinic.at(clock) + clinic.service.duration,
    )


@pytest.fixture
def short_day(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("11:00"))


@pytest.fixture
def colleague(clinic: Clinic) -> Employee:
    made = make_employee(branches=[clinic.branch], services=[clinic.service], position="остеопат")
    make_shift(made, clinic.branch, "12:00", "13:00")
    return made


@pytest.fixture
def elsewhere(clinic: Clinic) -> Branch:
    """Another branch of the city, with a doctor of its own; the service needs no room here."""
    branch = make_branch()
    clinic.service.rooms.clear()
    other = make_employee(branches=[branch], services=[clinic.service])
    make_shift(other, branch, "15:00", "16:00")
    return branch


def test_one_of_several_employees_or_of_a_specialty(
    clinic: Clinic, short_day: None, colleague: Employee
) -> None:
    both = (clinic.doctor.pk, colleague.pk)

    assert len(free(clinic, employee_ids=both)) == 6
    assert {slot.employee_id for slot in free(clinic, employee_ids=(colleague.pk,))} == {both[1]}
    assert {slot.employee_id for slot in free(clinic, position="остеопат")} == {both[1]}
    assert free(clinic, employee_id=both[0], employee_ids=(both[1],)) == []
    assert free(clinic, position="окулист") == []
    assert list_positions(service_id=clinic.service.pk) == ["врач", "остеопат"]


def test_branches_of_a_city(clinic: Clinic, short_day: None, elsewhere: Branch) -> None:
    far = make_branch(city="Казань")
    make_shift(make_employee(branches=[far], services=[clinic.service]), far)

    of_city = free(clinic, city="Москва")

    assert {slot.branch_id for slot in of_city} == {clinic.branch.pk, elsewhere.pk}
    assert of_city == free(clinic, branch_ids=(clinic.branch.pk, elsewhere.pk))
    assert {slot.branch_id for slot in free(clinic)} > {far.pk}


def test_weekdays_and_clock_are_those_of_the_branch(clinic: Clinic, short_day: None) -> None:
    make_shift(clinic.doctor, clinic.branch, "09:00", "11:00", on=NEXT_DAY)

    wednesday = free(clinic, weekdays=(3,))
    morning = free(clinic, clock_from=time(9, 30), clock_until=time(10, 30))

    assert {slot.starts_at.astimezone(clinic.branch.zone).date() for slot in wednesday} == {
        NEXT_DAY
    }
    assert clocks(clinic, morning) == ["09:30", "10:00"] * 2
    assert free(clinic, weekdays=(6, 7)) == []


def test_the_best_fill_stands_beside_something_or_leaves_room(clinic: Clinic) -> None:
    """09:00–12:00 with a visit at 10:45: 10:15 fills, 09:45 wastes a quarter of an hour."""
    clinic.doctor.shifts.update(ends_at=clinic.at("12:00"))
    type(clinic.service).objects.update(duration=timedelta(minutes=45))
    make_appointment(clinic, "10:45", ends_at=clinic.at("11:15"))

    assert clocks(clinic, free(clinic, order=SlotOrder.BEST_FILL)) == [
        "11:15",  # fills its stretch whole
        "09:00",  # beside the beginning of the shift, an hour stays
        "10:00",  # beside the visit
        "09:15",  # 15 minutes ahead of it are lost
        "09:45",  # 15 minutes behind it are lost
        "09:30",  # 30 minutes are lost on either side
    ]


def test_a_shorter_service_of_the_doctor_makes_a_piece_useful(clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("10:00"))
    type(clinic.service).objects.update(duration=timedelta(minutes=45))
    wasting = clocks(clinic, free(clinic, order=SlotOrder.BEST_FILL))
    make_time_off(clinic.doctor, clinic.branch, "09:45", "10:00")

    filling = clocks(clinic, free(clinic, order=SlotOrder.BEST_FILL))

    assert (wasting, filling) == (["09:00", "09:15"], ["09:00"])
    clinic.doctor.times_off.all().delete()
    clinic.doctor.services.add(make_service(duration=timedelta(minutes=15)))
    query = SlotQuery(
        service_id=clinic.service.pk,
        from_at=clinic.at("09:15"),
        until_at=clinic.at("12:00"),
        order=SlotOrder.BEST_FILL,
    )
    assert clocks(clinic, list_free_slots(query=query, now=NOW)) == ["09:15"]


def test_what_is_named_instead_says_how_it_differs(
    clinic: Clinic, short_day: None, colleague: Employee, elsewhere: Branch
) -> None:
    make_appointment(clinic, "10:00", patient=make_patient())
    make_shift(clinic.doctor, clinic.branch, "09:00", "11:00", on=NEXT_DAY)
    same = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(same, clinic.branch, "17:00", "18:00")

    found = list_alternatives(wish=wish_for(clinic), now=NOW, limit=2)

    assert [(one.kind, clocks(clinic, [one.slot])[0], one.slot.employee_id) for one in found] == [
        (AlternativeKind.SAME_DAY, "09:30", clinic.doctor.pk),
        (AlternativeKind.SAME_DAY, "10:30", clinic.doctor.pk),
        (AlternativeKind.OTHER_DAY, "10:00", clinic.doctor.pk),
        (AlternativeKind.OTHER_DOCTOR, "12:00", colleague.pk),
        (AlternativeKind.OTHER_DOCTOR, "17:00", same.pk),
        (AlternativeKind.OTHER_BRANCH, "15:00", elsewhere.employees.get().pk),
    ]
    nearest = list_alternatives(wish=wish_for(clinic), now=NOW, limit=1)
    doctors = [one.slot.employee_id for one in nearest if one.kind == AlternativeKind.OTHER_DOCTOR]
    assert doctors == [same.pk]


def test_what_is_proposed_differs_in_doctor_and_day(
    clinic: Clinic, short_day: None, colleague: Employee
) -> None:
    for shift in (1, 2):
        make_shift(clinic.doctor, clinic.branch, "09:00", "11:00", on=DAY + timedelta(days=shift))
    query = SlotQuery(
        service_id=clinic.service.pk,
        from_at=clinic.at("00:00"),
        until_at=clinic.at("00:00", DAY + timedelta(days=7)),
    )

    proposed = list_proposals(query=query, now=NOW, limit=4)

    told: list[tuple[date, str, int]] = [
        (_day(clinic, one.slot.starts_at), clocks(clinic, [one.slot])[0], one.slot.employee_id)
        for one in proposed
    ]
    assert told == [
        (DAY, "09:00", clinic.doctor.pk),
        (DAY, "12:00", colleague.pk),
        (NEXT_DAY, "09:00", clinic.doctor.pk),
        (DAY + timedelta(days=2), "09:00", clinic.doctor.pk),
    ]
    assert [one.is_soonest for one in proposed] == [True, False, False, False]
    assert all(one.fills for one in proposed)
    narrowed = replace(query, clock_from=time(12))
    assert len(list_proposals(query=narrowed, now=NOW)) == 2


def _day(clinic: Clinic, moment: datetime) -> date:
    return moment.astimezone(clinic.branch.zone).date()
