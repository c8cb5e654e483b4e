from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from outbox.actions import record_event
from outbox.errors import Refused
from patients.details import ContactDetails
from patients.events import PatientChanged
from patients.models import ContactKind, ContactPoint, Patient
from patients.phones import normalise_phone


class WrongEmail(Refused):
    code = "wrong_email"
    status = 400
    message = _("This is not an e-mail address: it looks like name@example.ru.")


class ContactUnknown(Refused):
    code = "contact_unknown"
    status = 404
    message = _("The patient has no such contact any more. Reload the card.")


def normalise_email(text: str) -> str:
    """Return the address in lower case. Raises `WrongEmail`."""
    address = text.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise WrongEmail from error
    return address


def clean_contacts(contacts: Sequence[ContactDetails]) -> list[ContactDetails]:
    """Normalise the values, drop repeats, and leave exactly one main contact of each kind.

    The main one is the first marked, else the first that works, else the first. Raises
    `WrongPhone`, `WrongEmail`.
    """
    clean: dict[tuple[str, str], ContactDetails] = {}
    for contact in contacts:
        normalise = normalise_phone if contact.kind == ContactKind.PHONE else normalise_email
        value = normalise(contact.value)
        clean.setdefault((contact.kind, value), replace(contact, value=value))
    return [
        replace(contact, is_primary=contact is _main(list(clean.values()), contact.kind))
        for contact in clean.values()
    ]


def _main(contacts: list[ContactDetails], kind: str) -> ContactDetails:
    own = [contact for contact in contacts if contact.kind == kind]
    return min(own, key=lambda contact: (not contact.is_primary, not contact.is_valid))


def put_contacts(patient: Patient, contacts: Sequence[ContactDetails]) -> bool:
    """Make the patient's contacts those given; return whether anything changed.

    For actions that hold the patient's lock.
    """
    wanted = {(contact.kind, contact.value): contact for contact in clean_contacts(contacts)}
    known = {(row.kind, row.value): row for row in patient.contacts.all()}
    gone = [row.pk for key, row in known.items() if key not in wanted]
    changed = [
        known[key]
        for key, contact in wanted.items()
        if key in known and _differs(known[key], contact)
    ]
    new = [contact for key, contact in wanted.items() if key not in known]
    if not (gone or changed or new):
        return False
    ContactPoint.objects.filter(pk__in=gone).delete()
    patient.contacts.filter(is_primary=True).update(is_primary=False)
    for row in changed:
        contact = wanted[row.kind, row.value]
        row.owner, row.is_valid = contact.owner, contact.is_valid
    ContactPoint.objects.bulk_update(changed, ["owner", "is_valid"])
    ContactPoint.objects.bulk_create(
        ContactPoint(
            patient=patient,
            kind=contact.kind,
            value=contact.value,
            owner=contact.owner,
            is_valid=contact.is_valid,
        )
        for contact in new
    )
    for contact in wanted.values():
        if contact.is_primary:
            patient.contacts.filter(kind=contact.kind, value=contact.value).update(is_primary=True)
    return True


def _differs(row: ContactPoint, contact: ContactDetails) -> bool:
    return (row.owner, row.is_primary, row.is_valid) != (
        contact.owner,
        contact.is_primary,
        contact.is_valid,
    )


@transaction.atomic
def mark_contact(
    *, patient_id: int, value: str, is_valid: bool, actor_id: int | None, now: datetime
) -> ContactPoint:
    """Note that a phone or an e-mail does not work (or works again); nothing is sent to a dead one.

    Raises `ContactUnknown`.
    """
    Patient.objects.select_for_update(no_key=True).get(pk=patient_id)
    contact = ContactPoint.objects.filter(patient_id=patient_id, value=value).first()
    if contact is None:
        raise ContactUnknown
    if contact.is_valid != is_valid:
        contact.is_valid = is_valid
        contact.save(update_fields=["is_valid"])
        record_event(
            PatientChanged(patient_id=patient_id, fields=("contacts",)), actor_id=actor_id, now=now
        )
    return contact
