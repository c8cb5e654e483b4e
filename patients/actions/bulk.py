from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from outbox.actions import record_events
from patients.actions.cards import fill_card
from patients.actions.contacts import clean_contacts
from patients.details import PatientDetails
from patients.events import PatientAdded
from patients.models import ContactPoint, Patient


@dataclass(frozen=True)
class Newcomer:
    """A patient to be added who has been one `since`, in this system or in a former one."""

    details: PatientDetails
    since: datetime


@transaction.atomic
def add_patients(
    *, newcomers: Sequence[Newcomer], actor_id: int | None, now: datetime
) -> list[Patient]:
    """Add many patients, in their order; the statements do not grow with their number.

    As `add_patient`, it asks nobody whether they are known. Raises `NameMissing`,
    `RefusalReasonMissing`, `WrongPhone`, `WrongEmail`.
    """
    patients = []
    for newcomer in newcomers:
        patient = Patient(created_at=newcomer.since)
        fill_card(patient, newcomer.details)
        patients.append(patient)
    Patient.objects.bulk_create(patients)
    ContactPoint.objects.bulk_create(
        ContactPoint(
            patient=patient,
            kind=contact.kind,
            value=contact.value,
            owner=contact.owner,
            is_primary=contact.is_primary,
            is_valid=contact.is_valid,
        )
        for patient, newcomer in zip(patients, newcomers, strict=True)
        for contact in clean_contacts(newcomer.details.contacts or ())
    )
    added = [PatientAdded(patient_id=patient.pk) for patient in patients]
    record_events(added, actor_id=actor_id, now=now)
    return patients
