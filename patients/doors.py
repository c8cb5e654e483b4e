"""How a page or an endpoint opens a card: authorise, write the journal, only then show."""

from datetime import datetime

from django.db import DatabaseError, OperationalError
from django.http import HttpRequest

from clinic.http import address_of
from clinic.models import User
from clinic.permissions import name_of_address
from patients.actions import record_access
from patients.models import AccessAction, Patient
from patients.queries import access_patient


class JournalClosed(OperationalError):
    """The opening could not be written down, so nothing is shown: the page answers 503."""


def open_patient(
    request: HttpRequest,
    *,
    patient_id: int,
    actor: User,
    now: datetime,
    action: str = AccessAction.OPENED,
) -> Patient:
    """Return the patient after the opening was written to the journal.

    The view holds one transaction around this and all that it reads: when the row is not
    written, or the commit fails, no data leaves. Raises `Http404`, `PermissionDenied`,
    `JournalClosed`.
    """
    patient = access_patient(actor=actor, patient_id=patient_id)
    try:
        record_access(
            patient_id=patient.pk,
            actor_id=actor.pk,
            action=action,
            place=name_of_address(request),
            ip=address_of(request),
            now=now,
        )
    except DatabaseError as error:
        raise JournalClosed from error
    return patient
