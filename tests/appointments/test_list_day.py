from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pytest_django import DjangoAssertNumQueries

from appointments.models import Visit
from appointments.queries import list_day, list_gaps
from tests.appointments.factories import NOW
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_branch,
    make_employee,
    make_patient,
    make_shift,
    make_time_off,
)


def test_the_day_shows_who_works_and_who_comes(clinic: Clinic) -> None:
    patient = make_patient(last_name="Ёлкина", first_name="Анна", middle_name="Ильинична")
    made = make_appointment(clinic, "10:00", patient=patient, note="с ребёнком", wants_move=True)
    make_time_off(clinic.doctor, clinic.branch, "13:00", "14:00", note="обед")

    day = list_day(branch=clinic.branch, on=DAY)

    (column,) = day.columns
    assert (column.employee_id, column.name) == (clinic.doctor.pk, clinic.doctor.short_name)
    assert column.shifts == ((clinic.at("09:00"), clinic.at("18:00")),)
    (absence,) = day.absences
    assert (absence.kind, absence.note) == ("BREAK", "обед")
    assert (absence.starts_at, absence.ends_at) == (clinic.at("13:00"), clinic.at("14:00"))
    (entry,) = day.entries
    assert (entry.id, entry.patient) == (made.pk, "Ёлкина Анна Ильинична")
    assert (entry.service, entry.room) == (clinic.service.name, clinic.rooms[0].name)
    assert (entry.starts_at, entry.ends_at) == (clinic.at("10:00"), clinic.at("10:30"))
    assert (entry.status, entry.wants_move, entry.note) == ("BOOKED", True, "с ребёнком")
    assert (entry.price, entry.debt, entry.visit_id) == (Decimal(2500), Decimal(0), None)


def test_the_day_is_that_of_the_branch(clinic: Clinic) -> None:
    make_appointment(clinic, starts_at=datetime(2026, 11, 30, 21, tzinfo=UTC))
    make_appointment(clinic, starts_at=datetime(2026, 11, 30, 20, 30, tzinfo=UTC))
    elsewhere = make_branch()
    make_appointment(clinic, "10:00", branch=elsewhere, room=None, patient=make_patient())

    day = list_day(branch=clinic.branch, on=DAY)

    assert [entry.starts_at for entry in day.entries] == [datetime(2026, 11, 30, 21, tzinfo=UTC)]


def test_cancelled_ones_are_left_out_and_missed_ones_stay(clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", status="CANCELLED", cancel_reason="OTHER")
    make_appointment(clinic, "11:00", status="NO_SHOW")

    assert [entry.status for entry in list_day(branch=clinic.branch, on=DAY).entries] == ["NO_SHOW"]


def test_who_has_no_shift_but_a_patient_is_shown(clinic: Clinic) -> None:
    idle = make_employee(branches=[clinic.branch], services=[clinic.service], last_name="Абрамова")
    busy = make_employee(branches=[clinic.branch], services=[clinic.service], last_name="Яковлева")
    make_appointment(clinic, "10:00", employee=busy)

    day = list_day(branch=clinic.branch, on=DAY)
    everybody = list_day(branch=clinic.branch, on=DAY, everybody=True)

    assert [column.employee_id for column in day.columns] == [clinic.doctor.pk, busy.pk]
    assert [column.employee_id for column in everybody.columns] == [
        idle.pk,
        clinic.doctor.pk,
        busy.pk,
    ]


def test_what_is_owed_for_a_finished_visit_is_shown(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00", status="DONE")
    visit = Visit.objects.create(appointment=made, arrived_at=NOW, total=2500, paid=1000)

    (entry,) = list_day(branch=clinic.branch, on=DAY).entries

    assert (entry.debt, entry.visit_id) == (Decimal(1500), visit.pk)


def test_late_is_who_has_not_come_by_the_time(clinic: Clinic) -> None:
    make_appointment(clinic, "10:00")
    make_appointment(clinic, "11:00", status="ARRIVED")

    booked, arrived = list_day(branch=clinic.branch, on=DAY).entries

    assert not booked.is_late(clinic.at("09:59"))
    assert booked.is_late(clinic.at("10:00"))
    assert not arrived.is_late(clinic.at("12:00"))


def test_four_queries_however_full_the_day(
    clinic: Clinic, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for hour in range(9, 18):
        make_appointment(clinic, f"{hour:02}:00", patient=make_patient())
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch)

    with django_assert_num_queries(4):
        list_day(branch=clinic.branch, on=DAY)


def test_gaps_are_what_no_period_covers() -> None:
    hours = [datetime(2026, 12, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(10)]
    within = (hours[1], hours[8])

    assert list_gaps(within=within, periods=[]) == [within]
    assert list_gaps(within=within, periods=[(hours[0], hours[9])]) == []
    assert list_gaps(within=within, periods=[(hours[0], hours[2]), (hours[4], hours[5])]) == [
        (hours[2], hours[4]),
        (hours[5], hours[8]),
    ]
