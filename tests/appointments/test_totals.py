from datetime import date
from decimal import Decimal

from appointments.actions import refresh_all_totals, refresh_totals
from appointments.models import PatientTotals, Visit
from tests.appointments.factories import NOW
from tests.factories import Clinic, make_appointment, make_patient


def test_totals_are_recounted_from_the_rows(clinic: Clinic) -> None:
    first = make_appointment(clinic, on=date(2026, 1, 10), status="DONE")
    last = make_appointment(clinic, on=date(2026, 5, 10), status="DONE")
    make_appointment(clinic, on=date(2026, 6, 1), status="NO_SHOW")
    make_appointment(clinic, on=date(2026, 6, 2), status="CANCELLED", cancel_reason="OTHER")
    following = make_appointment(clinic, "10:00", status="CONFIRMED")
    furthest = make_appointment(clinic, "17:00")
    Visit.objects.create(appointment=first, arrived_at=NOW, total=2500, paid=2500, paid_points=500)
    Visit.objects.create(appointment=last, arrived_at=NOW, total=3000, paid=1000)

    refresh_totals(patient_id=clinic.patient.pk)

    totals = PatientTotals.objects.values().get()
    assert totals == {
        "patient_id": clinic.patient.pk,
        "visits": 2,
        "no_shows": 1,
        "cancellations": 1,
        "spent": Decimal("3000.00"),
        "debt": Decimal("2000.00"),
        "first_visit_at": first.starts_at,
        "last_visit_at": last.starts_at,
        "next_at": following.starts_at,
        "booked_until_at": furthest.starts_at,
    }


def test_recounting_again_changes_nothing(clinic: Clinic) -> None:
    make_appointment(clinic, status="DONE")
    refresh_totals(patient_id=clinic.patient.pk)
    before = PatientTotals.objects.values().get()

    refresh_totals(patient_id=clinic.patient.pk)

    assert PatientTotals.objects.values().get() == before


def test_all_are_recounted_after_a_load(clinic: Clinic) -> None:
    silent = make_patient()
    make_appointment(clinic, status="DONE")

    refresh_all_totals()

    assert PatientTotals.objects.get(patient=clinic.patient).visits == 1
    assert PatientTotals.objects.get(patient=silent).visits == 0
