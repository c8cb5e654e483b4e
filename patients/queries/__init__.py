from patients.queries.access import access_patient, list_visible_patients, sees_contacts
from patients.queries.contacts import (
    ASKED,
    ConsentState,
    find_address,
    has_consent,
    label_of_consent,
    list_consents,
)
from patients.queries.duplicates import Candidate, Identity, compare_people, list_candidates
from patients.queries.search import (
    IsAnyOf,
    PatientRow,
    find_patients,
    guess_person,
    label_of_owner,
    read_wanted,
)
from patients.queries.texts import Wording, list_wordings

__all__ = [
    "ASKED",
    "Candidate",
    "ConsentState",
    "Identity",
    "IsAnyOf",
    "PatientRow",
    "Wording",
    "access_patient",
    "compare_people",
    "find_address",
    "find_patients",
    "guess_person",
    "has_consent",
    "label_of_consent",
    "label_of_owner",
    "list_candidates",
    "list_consents",
    "list_visible_patients",
    "list_wordings",
    "read_wanted",
    "sees_contacts",
]
