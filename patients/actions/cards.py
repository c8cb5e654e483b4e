from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from clinic.names import fold
from outbox.actions import record_event
from outbox.errors import Refused
from patients.actions.contacts import clean_contacts, put_contacts
from patients.details import PatientDetails, seal_card
from patients.events import PatientAdded, PatientChanged
from patients.models import Attitude, Patient
from patients.queries import Candidate, Identity, list_candidates

FIELDS = (
    "last_name",
    "first_name",
    "middle_name",
    "birth_on",
    "sex",
    "branch_id",
    "source_id",
    "channel",
    "language",
    "status",
    "refusal_reason",
    "note",
    "is_reachable",
)
LONGEST_KEY = 302


class NameMissing(Refused):
    code = "name_missing"
    status = 400
    message = _("Write at least the first name or the last name.")


class RefusalReasonMissing(Refused):
    code = "refusal_reason_missing"
    status = 400
    message = _("Say why the patient refused.")


class CardChangedMeanwhile(Refused):
    code = "card_changed"
    message = _(
        "A colleague has changed this card since you opened it. Nothing is saved: open the card in "
        "another tab and compare."
    )


class LooksKnown(Refused):
    """`candidates` are the known patients to choose from; `details["candidates"]` their ids."""

    code = "looks_known"
    message = _("There is a patient with the same contact and a similar name. Is it this person?")

    def __init__(self, candidates: list[Candidate]) -> None:
        self.candidates = candidates
        super().__init__(candidates=[candidate.row.id for candidate in candidates])


@transaction.atomic
def add_patient(*, details: PatientDetails, actor_id: int | None, now: datetime) -> Patient:
    """Add a patient with the contacts given, asking nobody whether he is known already.

    Raises `NameMissing`, `RefusalReasonMissing`, `WrongPhone`, `WrongEmail`.
    """
    patient = Patient(created_at=now)
    fill_card(patient, details)
    patient.save()
    put_contacts(patient, details.contacts or ())
    record_event(PatientAdded(patient_id=patient.pk), actor_id=actor_id, now=now)
    return patient


@transaction.atomic
def register_patient(
    *,
    details: PatientDetails,
    not_same_as: Collection[int] = (),
    actor_id: int | None,
    now: datetime,
) -> Patient:
    """Add a patient whom nobody on the books resembles.

    `not_same_as` are those of whom a person has said "this is somebody else". Two people who add
    one newcomer at the same moment stand in a queue: the second is asked. Raises `LooksKnown`
    and what `add_patient` raises.
    """
    identity = identify(details)
    _queue_up(identity)
    candidates = [
        candidate
        for candidate in list_candidates(identity=identity)
        if candidate.row.id not in not_same_as
    ]
    if candidates:
        raise LooksKnown(candidates)
    return add_patient(details=details, actor_id=actor_id, now=now)


@transaction.atomic
def change_patient(
    *,
    patient_id: int,
    details: PatientDetails,
    actor_id: int | None,
    now: datetime,
    seen: str | None = None,
) -> Patient:
    """Make the card say what `details` say; contacts too unless they are None.

    Nothing changed: nothing is recorded. `seen` is the seal of the card that was looked at
    (`seal_card`); None asks for no comparison. Raises `CardChangedMeanwhile` and as `add_patient`.
    """
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient_id)
    is_stale = seen is not None and seen != seal_card(patient)
    before = {field: getattr(patient, field) for field in FIELDS}
    fill_card(patient, details)
    changed = [field for field in FIELDS if getattr(patient, field) != before[field]]
    if changed:
        patient.save(update_fields=[*changed, "name_key"])
    if details.contacts is not None and put_contacts(patient, details.contacts):
        changed.append("contacts")
    if changed and is_stale:
        raise CardChangedMeanwhile
    if changed:
        record_event(
            PatientChanged(patient_id=patient.pk, fields=tuple(changed)), actor_id=actor_id, now=now
        )
    return patient


def identify(details: PatientDetails) -> Identity:
    """Return what tells the person apart. Raises `WrongPhone`, `WrongEmail`."""
    return Identity(
        name_key=_name_key(details),
        birth_on=details.birth_on,
        addresses=tuple(contact.value for contact in clean_contacts(details.contacts or ())),
    )


def _queue_up(identity: Identity) -> None:
    keys = sorted(f"patient:{key}" for key in (*identity.addresses, identity.name_key))
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def fill_card(patient: Patient, details: PatientDetails) -> None:
    """Put the details on a card that is not saved yet. For the actions of this room."""
    tidy = replace(
        details,
        last_name=_one_line(details.last_name),
        first_name=_one_line(details.first_name),
        middle_name=_one_line(details.middle_name),
        refusal_reason=_reason(details),
        note=details.note.strip(),
    )
    if not (tidy.last_name or tidy.first_name):
        raise NameMissing
    for field in FIELDS:
        setattr(patient, field, getattr(tidy, field))
    patient.name_key = _name_key(tidy)


def _reason(details: PatientDetails) -> str:
    """A reason belongs to a reluctant patient; a refusal without one teaches nobody anything."""
    if details.status in {Attitude.NONE, Attitude.INTERESTED}:
        return ""
    reason = _one_line(details.refusal_reason)
    if details.status == Attitude.REFUSED and not reason:
        raise RefusalReasonMissing
    return reason


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _name_key(details: PatientDetails) -> str:
    names = (details.last_name, details.first_name, details.middle_name)
    return fold(" ".join(filter(None, names)))[:LONGEST_KEY]
