"""A visitor's way from the chosen time to a proved phone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions import HoldOrder, hold_slot
from appointments.queries import SlotQuery, list_free_slots
from clinic.models import Branch, Service
from online.actions.codes import send_code
from online.actions.limits import TooOften, Visitor, count_deed
from online.models import Attempt, Deed, OnlineSetting
from online.queries import find_doctor, find_service
from online.secrets import hash_token, make_token
from outbox.errors import Refused
from patients.models import Channel

LIVES = timedelta(hours=1)
"""How long a visitor has from the chosen time to the end."""

PROOF_LIVES = timedelta(minutes=30)
FASTEST = timedelta(seconds=3)
"""Nobody types a name and a phone faster; programs do."""


class BookingShut(Refused):
    code = "booking_shut"
    status = 404
    message = _("Online booking is closed. Please call us: we will book you.")


class AttemptOver(Refused):
    code = "attempt_over"
    status = 404
    message = _("This page has been open for too long. Please begin again: it takes a minute.")


class NotOffered(Refused):
    """It is not said why: what is booked by reception only does not show."""

    code = "not_offered"
    message = _("This time cannot be had any more. Choose another one.")


class TooFast(Refused):
    code = "too_fast"
    status = 422
    message = _("Please check what you have written and press the button once more.")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The time that somebody chose, and where he came from."""

    branch_id: int
    service_id: int
    employee_id: int
    starts_at: datetime
    language: str = "ru"
    utm: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Person:
    """For whom the visit is, and whom the code goes to. Phone and e-mail are in normal form.

    `booker` is who books for a child or a relative. The consents are the wordings shown, "" for
    a no.
    """

    party: str
    last_name: str
    first_name: str
    middle_name: str
    birth_on: date
    booker: str
    phone: str
    email: str
    data_consent: str
    news_consent: str


def choose_time(*, choice: Choice, visitor: Visitor, now: datetime) -> tuple[Attempt, str]:
    """Begin an attempt at the time, hold it for ten minutes, return it with its secret.

    Whoever chooses too many times goes on without a hold: the booking decides. Raises
    `BookingShut`, `NotOffered` and what `hold_slot` does.
    """
    if not OnlineSetting.load().is_open:
        raise BookingShut
    token, key = make_token(), f"online:{uuid4()}"
    _check_offered(choice, owner=key, now=now)
    attempt = Attempt(
        token_hash=hash_token(token),
        key=key,
        branch_id=choice.branch_id,
        service_id=choice.service_id,
        employee_id=choice.employee_id,
        starts_at=choice.starts_at,
        language=choice.language,
        utm=dict(choice.utm),
        created_at=now,
    )
    _hold(attempt, visitor, now=now)
    attempt.save(force_insert=True)
    return attempt, token


def choose_other_time(
    *, attempt_id: int, choice: Choice, visitor: Visitor, now: datetime
) -> Attempt:
    """The visitor takes another time; what he wrote and proved stays. Raises as `choose_time`."""
    attempt = Attempt.objects.get(pk=attempt_id)
    _check_offered(choice, owner=attempt.key, now=now)
    attempt.employee_id, attempt.starts_at = choice.employee_id, choice.starts_at
    _hold(attempt, visitor, now=now)
    Attempt.objects.filter(pk=attempt_id, appointment=None).update(
        employee_id=choice.employee_id, starts_at=choice.starts_at
    )
    return attempt


@transaction.atomic
def describe_person(*, attempt_id: int, person: Person, visitor: Visitor, now: datetime) -> bool:
    """Write down who it is and send a code; return whether the contact was proved already.

    The time is held on first: no code is sent for a time that is gone. Raises `TooFast`,
    `TooOften`, `CodesUsedUp`, and what `hold_slot` does; then nothing of it is kept, the hold
    as it was.
    """
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt_id)
    if now - attempt.created_at < FASTEST:
        raise TooFast
    hold_slot(order=_hold_order(attempt), actor_id=None, now=now)
    by_email = OnlineSetting.load().code_channel == Channel.EMAIL
    contact = person.email if by_email else person.phone
    if contact != attempt.contact:
        attempt.proved_at = None
    attempt.party, attempt.booker = person.party, person.booker
    attempt.last_name, attempt.first_name = person.last_name, person.first_name
    attempt.middle_name, attempt.birth_on = person.middle_name, person.birth_on
    attempt.phone, attempt.email, attempt.contact = person.phone, person.email, contact
    attempt.data_consent, attempt.news_consent = person.data_consent, person.news_consent
    attempt.save()
    if is_proved(attempt, now=now):
        return True
    send_code(attempt=attempt, address=visitor.address, now=now)
    return False


def is_proved(attempt: Attempt, *, now: datetime) -> bool:
    return attempt.proved_at is not None and now - attempt.proved_at < PROOF_LIVES


def find_attempt(*, token: str, now: datetime) -> Attempt:
    """Return the live attempt behind the token. Raises `AttemptOver` for any other."""
    attempt = (
        Attempt.objects.select_related("branch", "service", "employee")
        .filter(token_hash=hash_token(token), created_at__gt=now - LIVES)
        .first()
    )
    if attempt is None:
        raise AttemptOver
    return attempt


def _check_offered(choice: Choice, *, owner: str, now: datetime) -> None:
    """Refuse what the pages would not have shown, whatever was posted."""
    branch = Branch.objects.filter(pk=choice.branch_id, is_active=True).first()
    service: Service | None = None
    if branch is not None:
        service = find_service(branch=branch, service_id=choice.service_id)
    if branch is None or service is None:
        raise NotOffered
    if find_doctor(branch=branch, employee_id=choice.employee_id, service=service) is None:
        raise NotOffered
    query = SlotQuery(
        service_id=service.pk,
        branch_id=branch.pk,
        employee_id=choice.employee_id,
        by_patient=True,
        owners=(owner,),
        from_at=choice.starts_at,
        until_at=choice.starts_at + timedelta(seconds=1),
    )
    offered = list_free_slots(query=query, now=now)
    if choice.starts_at not in {slot.starts_at for slot in offered}:
        raise NotOffered


def _hold(attempt: Attempt, visitor: Visitor, *, now: datetime) -> None:
    try:
        count_deed(deed=Deed.HOLD, visitor=visitor, now=now)
    except TooOften:
        return
    hold_slot(order=_hold_order(attempt), actor_id=None, now=now)


def _hold_order(attempt: Attempt) -> HoldOrder:
    return HoldOrder(
        owner=attempt.key,
        service_id=attempt.service_id,
        employee_id=attempt.employee_id,
        branch_id=attempt.branch_id,
        starts_at=attempt.starts_at,
        by_patient=True,
    )
