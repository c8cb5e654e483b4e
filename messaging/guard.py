"""Whether a message may go out now: asked again for each one, in the transaction that claims it.

purpose × consent × reachable × address × relevance × useful × decent hour. Service messages need
a subject that still holds; marketing needs a live consent for its channel. Nothing here writes.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.functional import Promise

from clinic.models import Setting
from messaging.hours import decent_hours
from messaging.models import Message, MessageStatus, Purpose
from messaging.reasons import REASONS
from patients.models import (
    Channel,
    Consent,
    ConsentAction,
    ConsentPurpose,
    ContactKind,
    ContactPoint,
    Patient,
)

logger = logging.getLogger(__name__)

CHECK_AGAIN = timedelta(minutes=5)
CHANNEL_OF_KIND = {ContactKind.PHONE: Channel.SMS, ContactKind.EMAIL: Channel.EMAIL}


class Check(Protocol):
    """Return "" while the message still makes sense, else a reason code (`cancelled`, `moved`).

    `mark` is what the subject looked like when the message was written (a start, a version). The
    check runs inside the claiming transaction and may lock what it reads `FOR SHARE`.
    """

    def __call__(self, *, subject_id: int, mark: str, now: datetime) -> str: ...


CHECKS: dict[str, Check] = {}


def still_wanted(
    kind: str, *, reasons: Mapping[str, str | Promise] | None = None
) -> Callable[[Check], Check]:
    """Register the check for messages about `kind`; apps above do so in their `handlers.py`.

    `reasons` are words for codes of the app's own (`messaging.reasons.REASONS` has the common).
    """

    def register(check: Check) -> Check:
        if CHECKS.setdefault(kind, check) is not check:
            raise ValueError(f"{kind} already has a check")
        for code, words in (reasons or {}).items():
            REASONS.setdefault(code, words)
        return check

    return register


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`status` is what the message becomes: SENDING (go), QUEUED until `send_at`, or an end.

    `address` is where it goes now: contacts change while a message waits.
    """

    status: str
    reason: str = ""
    send_at: datetime | None = None
    address: str = ""


@dataclass(frozen=True)
class Facts:
    """What the guard needs to know of the patients, read once for a whole batch."""

    setting: Setting
    reachable: frozenset[int]
    agreed: frozenset[tuple[int, str]]
    addresses: Mapping[tuple[int, str], Sequence[str]]


def gather_facts(messages: Sequence[Message], *, lock: bool) -> Facts:
    """Read patients, consents and contacts. With `lock`, hold the patients `FOR SHARE`.

    A withdrawal of consent locks its patient too, so it falls wholly before the claim or wholly
    after it. Patients are locked in the order of their ids.
    """
    ids = sorted({message.patient_id for message in messages if message.patient_id is not None})
    return Facts(
        setting=Setting.load(),
        reachable=frozenset(_lock_reachable(ids) if lock else _list_reachable(ids)),
        agreed=frozenset(_list_agreed(ids)),
        addresses=_list_addresses(ids),
    )


def judge(message: Message, facts: Facts, *, now: datetime) -> Verdict:
    """Say what should become of a message that is due."""
    if message.patient_id is None:
        return _judge_subject(message, now=now) or _judge_time(
            message, facts, message.address, now=now
        )
    if message.patient_id not in facts.reachable:
        return Verdict(status=MessageStatus.SUPPRESSED, reason="unreachable")
    way = message.patient_id, message.channel
    if message.purpose == Purpose.MARKETING and way not in facts.agreed:
        return Verdict(status=MessageStatus.SUPPRESSED, reason="no_consent")
    known = facts.addresses.get(way, ())
    if not known:
        return Verdict(status=MessageStatus.SUPPRESSED, reason="no_address")
    address = message.address if message.address in known else known[0]
    return _judge_subject(message, now=now) or _judge_time(message, facts, address, now=now)


def _judge_subject(message: Message, *, now: datetime) -> Verdict | None:
    """Ask the app that owns the subject; a check that fails holds up its own message only."""
    if not message.subject_kind or message.subject_id is None:
        return None
    check = CHECKS.get(message.subject_kind)
    try:
        with transaction.atomic():
            if check is None:
                raise LookupError(message.subject_kind)
            reason = check(subject_id=message.subject_id, mark=message.subject_mark, now=now)
    except Exception as error:  # noqa: BLE001 — one bad check must not stop the batch
        logger.error("The check of message %s failed: %s", message.pk, type(error).__qualname__)
        if now + CHECK_AGAIN < message.expires_at:
            send_at = now + CHECK_AGAIN
            return Verdict(status=MessageStatus.QUEUED, reason="check_failed", send_at=send_at)
        reason = "check_failed"
    return Verdict(status=MessageStatus.SUPPRESSED, reason=reason) if reason else None


def _judge_time(message: Message, facts: Facts, address: str, *, now: datetime) -> Verdict:
    """A service text that would be useless by morning goes at once; marketing never does."""
    if now >= message.expires_at:
        return Verdict(status=MessageStatus.EXPIRED, reason="expired")
    hours = decent_hours(message.purpose, setting=facts.setting)
    decent = hours.next_moment(now, zone=ZoneInfo(message.zone))
    if decent == now or (decent >= message.expires_at and message.purpose == Purpose.SERVICE):
        return Verdict(status=MessageStatus.SENDING, address=address)
    if decent >= message.expires_at:
        return Verdict(status=MessageStatus.EXPIRED, reason="quiet_hours")
    return Verdict(status=MessageStatus.QUEUED, reason="quiet_hours", send_at=decent)


def _list_reachable(ids: Sequence[int]) -> Iterable[int]:
    return Patient.objects.filter(pk__in=ids, is_reachable=True).values_list("pk", flat=True)


def _lock_reachable(ids: Sequence[int]) -> Iterable[int]:
    statement = (
        "SELECT id, is_reachable FROM patients_patient WHERE id = ANY(%s) ORDER BY id FOR SHARE"
    )
    return [row.pk for row in Patient.objects.raw(statement, [ids]) if row.is_reachable]


def _list_agreed(ids: Sequence[int]) -> Iterable[tuple[int, str]]:
    newest = (
        Consent.objects.filter(patient_id__in=ids, purpose=ConsentPurpose.MARKETING)
        .order_by("patient_id", "channel", "-id")
        .distinct("patient_id", "channel")
    )
    return [(row.patient_id, row.channel) for row in newest if row.action == ConsentAction.GIVEN]


def _list_addresses(ids: Sequence[int]) -> dict[tuple[int, str], list[str]]:
    """Return the working contacts by patient and channel, the main one first."""
    found: dict[tuple[int, str], list[str]] = {}
    contacts = ContactPoint.objects.filter(patient_id__in=ids, is_valid=True)
    for contact in contacts.order_by("-is_primary", "id"):
        channel = CHANNEL_OF_KIND[ContactKind(contact.kind)]
        found.setdefault((contact.patient_id, channel), []).append(contact.value)
    return found
