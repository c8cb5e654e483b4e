from patients.actions.access import record_access, record_accesses, record_listing
from patients.actions.bulk import Newcomer, add_patients
from patients.actions.cards import (
    CardChangedMeanwhile,
    LooksKnown,
    NameMissing,
    RefusalReasonMissing,
    add_patient,
    change_patient,
    identify,
    register_patient,
)
from patients.actions.consents import (
    ConsentAnswer,
    ConsentNeedsChannel,
    ConsentNeedsText,
    give_consent,
    record_answers,
    withdraw_consent,
)
from patients.actions.contacts import ContactUnknown, WrongEmail, mark_contact, normalise_email
from patients.actions.relations import RelativeIsSelf, relate_patients, separate_patients
from patients.details import ContactDetails, PatientDetails

__all__ = [
    "CardChangedMeanwhile",
    "ConsentAnswer",
    "ConsentNeedsChannel",
    "ConsentNeedsText",
    "ContactDetails",
    "ContactUnknown",
    "LooksKnown",
    "NameMissing",
    "Newcomer",
    "PatientDetails",
    "RefusalReasonMissing",
    "RelativeIsSelf",
    "WrongEmail",
    "add_patient",
    "add_patients",
    "change_patient",
    "give_consent",
    "identify",
    "mark_contact",
    "normalise_email",
    "record_access",
    "record_accesses",
    "record_answers",
    "record_listing",
    "register_patient",
    "relate_patients",
    "separate_patients",
    "withdraw_consent",
]
