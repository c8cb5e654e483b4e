"""How a page or an endpoint opens cards: authorise, write the journal, only then show."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import DatabaseError, OperationalError
from django.http import HttpRequest
from rest_framework.request import Request

from clinic.http import address_of
from clinic.models import User
from clinic.permissions import name_of_address
from patients.actions import record_access, record_accesses, record_listing
from patients.models import AccessAction, Patient
from patients.queries import access_patient


class JournalClosed(OperationalError):
    """The opening could not be written down, so nothing is shown: the answer is 503."""


def open_patient(
    request: HttpRequest | Request,
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
    with _or_closed():
        record_access(
            patient_id=patient.pk,
            actor_id=actor.pk,
            action=action,
            place=name_of_address(request),
            ip=address_of(request),
            now=now,
        )
    return patient


def note_listed(
    request: HttpRequest | Request, *, patient_ids: Collection[int], actor: User, now: datetime
) -> None:
    """Write to the journal that a program took a list away. Raises `JournalClosed`."""
    with _or_closed():
        record_accesses(
            patient_ids=patient_ids,
            actor_id=actor.pk,
            action=AccessAction.LISTED,
            place=name_of_address(request),
            ip=address_of(request),
            now=now,
        )


def note_shown(
    request: HttpRequest, *, patient_ids: Collection[int], actor: User, now: datetime
) -> None:
    """Write to the journal whom a page with many people shows, before it is drawn.

    For lists and searches over the patients: whoever walks through them leaves a trace, as who
    opens a card does. Raises `JournalClosed`.
    """
    if not patient_ids:
        return
    with _or_closed():
        record_listing(
            patient_ids=patient_ids,
            actor_id=actor.pk,
            place=name_of_address(request),
            ip=address_of(request),
            now=now,
        )


@contextmanager
def _or_closed() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise JournalClosed from error
