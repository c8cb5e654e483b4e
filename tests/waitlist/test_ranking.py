"""Who is first, and why: `waitlist.queries.ranking`."""

from datetime import time, timedelta
from decimal import Decimal

import pytest

from appointments.models import PatientTotals
from prescriptions.models import Prescription, PrescriptionLine
from tests.factories import Clinic, make_appointment, make_clinic, make_employee, make_patient
from tests.waitlist.factories import NOW, free, make_entry
from waitlist.models import Entry
from waitlist.queries import Ranked, list_candidates, rank

pytestmark = pytest.mark.django_db

DAYS = timedelta(days=1)


def rank_all(clinic: Clinic, clock: str = "12:00") -> list[Ranked]:
    opening = free(clinic, clock)
    return rank(list(list_candidates(opening=opening, now=NOW)), opening=opening, now=NOW)


def points_of(clinic: Clinic) -> dict[str, int]:
    (one,) = rank_all(clinic)
    assert one.score == sum(one.points.values())
    return dict(one.points)


def make_late_line(entry: Entry, clinic: Clinic, *, days: int) -> None:
    """A course of five of which none is booked; the first was due `days` ago."""
    prescription = Prescription.objects.create(
        patient=entry.patient,
        doctor=clinic.doctor,
        branch=clinic.branch,
        key=f"course-{entry.pk}",
        created_at=NOW - timedelta(days=days + 3),
    )
    PrescriptionLine.objects.create(
        prescription=prescription, position=0, service=entry.service, sessions=5
    )


def test_any_time_and_no_wait_is_worth_the_visit_alone() -> None:
    clinic = make_clinic(price=Decimal(2500))
    make_entry(clinic)

    assert points_of(clinic) == {"fills": 10, "value": 5}


def test_a_named_doctor_and_a_narrow_wish_count() -> None:
    clinic = make_clinic(price=Decimal(0))
    make_entry(
        clinic,
        employee_id=clinic.doctor.pk,
        branch_ids=[clinic.branch.pk],
        weekdays=[2],
        from_clock=time(9),
    )

    assert points_of(clinic) == {"doctor": 15, "narrow": 15, "fills": 10}


def test_a_visit_that_leaves_a_gap_counts_for_what_it_fills() -> None:
    clinic = make_clinic(price=Decimal(0))
    make_entry(clinic)
    opening = free(clinic, ends_at=clinic.at("13:30"))

    (one,) = rank(list(list_candidates(opening=opening, now=NOW)), opening=opening, now=NOW)

    assert one.points == {"fills": 3}


@pytest.mark.parametrize(("days", "points"), [(0, 0), (1, 1), (29, 29), (300, 30)])
def test_each_day_of_waiting_is_a_point_up_to_thirty(days: int, points: int) -> None:
    clinic = make_clinic(price=Decimal(0))
    make_entry(clinic, since=NOW - days * DAYS)

    assert points_of(clinic).get("wait", 0) == points


@pytest.mark.parametrize(
    ("price", "is_mover", "points"),
    [(499, False, 0), (7500, False, 15), (7500, True, 7), (90_000, False, 20)],
)
def test_the_value_of_a_visit(price: int, is_mover: bool, points: int) -> None:
    clinic = make_clinic(price=Decimal(price))
    visit = make_appointment(clinic, "16:00")
    earlier_id = visit.pk if is_mover else None
    make_entry(clinic, patient_id=clinic.patient.pk, earlier_than_id=earlier_id)

    assert points_of(clinic).get("value", 0) == points


@pytest.mark.parametrize(("days", "points"), [(1, 21), (4, 24), (90, 30)])
def test_a_late_course_session_goes_before(days: int, points: int) -> None:
    clinic = make_clinic()
    make_late_line(make_entry(clinic), clinic, days=days)

    assert points_of(clinic).get("overdue", 0) == points


def test_a_course_that_is_not_late_counts_nothing() -> None:
    clinic = make_clinic()
    make_late_line(make_entry(clinic), clinic, days=-1)

    assert "overdue" not in points_of(clinic)


@pytest.mark.parametrize(("missed", "points"), [(1, -5), (3, -15), (9, -15)])
def test_missed_visits_cost(missed: int, points: int) -> None:
    clinic = make_clinic()
    entry = make_entry(clinic)
    PatientTotals.objects.create(patient=entry.patient, no_shows=missed)

    assert points_of(clinic)["no_shows"] == points


def test_the_highest_sum_is_first_and_of_equals_who_came_first() -> None:
    clinic = make_clinic()
    second, third = make_entry(clinic), make_entry(clinic)
    first = make_entry(clinic, employee_id=clinic.doctor.pk)

    assert [one.entry for one in rank_all(clinic)] == [first, second, third]


def test_only_those_who_could_take_it_are_ranked() -> None:
    clinic = make_clinic()
    colleague = make_employee(services=[clinic.service], position="хирург")
    make_entry(clinic, employee_id=colleague.pk)
    make_entry(clinic, position="хирург")
    unreachable = make_entry(clinic, patient_id=make_patient(is_reachable=False).pk)
    visit = make_appointment(clinic, "09:00")
    make_entry(clinic, patient_id=clinic.patient.pk, earlier_than_id=visit.pk)

    assert rank_all(clinic) == []
    assert Entry.objects.filter(pk=unreachable.pk).exists()
