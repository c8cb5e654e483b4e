from datetime import datetime, timedelta
from typing import Any

from appointments.models import Appointment, PatientTotals, Visit
from campaigns.actions import start_all_runs, step_next
from patients.models import Channel, Consent, Patient
from tests.factories import Clinic, make_appointment


def make_finished(clinic: Clinic, *, finished_at: datetime, **fields: Any) -> Appointment:
    """A visit that ended then, with the totals that the actions would have kept."""
    starts_at = finished_at - timedelta(minutes=30)
    visit = make_appointment(clinic, starts_at=starts_at, status=Appointment.Status.DONE, **fields)
    Visit.objects.create(
        appointment=visit, arrived_at=starts_at, started_at=starts_at, finished_at=finished_at
    )
    PatientTotals.objects.update_or_create(
        patient_id=visit.patient_id,
        defaults={"visits": 1, "first_visit_at": starts_at, "last_visit_at": starts_at},
    )
    return visit


def consent(patient: Patient, at: datetime, *, action: str = "GIVEN") -> None:
    Consent.objects.create(
        patient=patient,
        purpose=Consent.Purpose.MARKETING,
        channel=Channel.SMS,
        action=action,
        origin=Consent.Origin.DESK,
        at=at,
    )


def one_look(now: datetime) -> None:
    """One pass of the scenarios: in, then every due step."""
    start_all_runs(now=now)
    while step_next(now=now):
        pass
