from patients.queries.access import access_patient, list_visible_patients, sees_contacts
from patients.queries.contacts import (
    ASKED,
    ConsentState,
    find_address,
    has_consent,
    list_consents,
    list_sharing,
)
from patients.queries.duplicates import Candidate, Identity, list_candidates
from patients.queries.search import PatientRow, find_patients, with_phone

__all__ = [
    "ASKED",
    "Candidate",
    "ConsentState",
    "Identity",
    "PatientRow",
    "access_patient",
    "find_address",
    "find_patients",
    "has_consent",
    "list_candidates",
    "list_consents",
    "list_sharing",
    "list_visible_patients",
    "sees_contacts",
    "with_phone",
]
