"""The patient is told when the clinic moves or cancels a visit, once it is sure of it.

A notice waits for `SETTLES_IN`, so that a drag to the wrong place, an undo and a second thought
reach nobody; the guard asks once more whether it is still true.
"""

from datetime import datetime, timedelta

from appointments.actions.links import issue_visit_link
from appointments.events import AppointmentMoved
from appointments.models import SUBJECT_KIND, UPCOMING, Appointment, CancelReason
from appointments.queries import LinkedVisit, NoticeMark, list_bundle, read_mark
from messaging.actions import MessageDraft, Subject, queue_message
from messaging.kinds import describe_branch, describe_moment
from messaging.models import Message, MessageStatus
from outbox.models import Event

WORTH_TELLING = timedelta(minutes=10)
"""A patient who comes as he was told waits no longer than this: nothing to write about."""

SETTLES_IN = timedelta(minutes=3)

BY_CLINIC = frozenset({CancelReason.DOCTOR_ABSENT, CancelReason.OTHER})
"""Reasons of which the patient does not know yet; the others are his own, or an undone booking."""

MOVED, CANCELLED = "appointment_moved", "appointment_cancelled"


def tell_moved(*, appointment_id: int, from_start: datetime, now: datetime) -> Message | None:
    """Write the patient the new time of a visit that the clinic moved.

    Nothing when it differs by less than `WORTH_TELLING` from the time that the patient knows. Of
    several services that moved together the first speaks for all.
    """
    visit = LinkedVisit(rows=list_bundle(appointment_id=appointment_id))
    row = next(row for row in visit.rows if row.pk == appointment_id)
    if row.status not in UPCOMING or row.starts_at <= now:
        return None
    if row != visit.lead and _has_just_moved(visit.lead, now=now):
        return None
    return _tell_time(row, known_at=_find_known(row, from_start), now=now)


def tell_cancelled(*, appointment_id: int, now: datetime) -> Message | None:
    """Write the patient that the clinic cancelled; a whole visit is cancelled in one message.

    When the first service falls away and others stay, the visit begins later: that is told.
    """
    visit = LinkedVisit(rows=list_bundle(appointment_id=appointment_id))
    row = next(row for row in visit.rows if row.pk == appointment_id)
    if row.cancel_reason not in BY_CLINIC or row.starts_at <= now:
        return None
    if visit.ahead:
        begins_later = row.starts_at < visit.lead.starts_at
        return _tell_time(visit.lead, known_at=row.starts_at, now=now) if begins_later else None
    first = visit.rows[0]
    mark = NoticeMark(kind="cancelled", at=first.starts_at)
    key = f"cancelled:{first.pk}:{first.version}"
    return _queue(first, code=CANCELLED, key=key, mark=mark, now=now)


def _tell_time(row: Appointment, *, known_at: datetime, now: datetime) -> Message | None:
    if abs(row.starts_at - known_at) < WORTH_TELLING:
        return None
    mark = NoticeMark(kind="moved", at=row.starts_at, known_at=known_at)
    key = f"moved:{row.pk}:{row.version}:{int(known_at.timestamp())}"
    return _queue(row, code=MOVED, key=key, mark=mark, now=now)


def _has_just_moved(row: Appointment, *, now: datetime) -> bool:
    return Event.objects.filter(
        name=AppointmentMoved.name,
        patient_id=row.patient_id,
        payload__appointment_id=row.pk,
        occurred_at__gt=now - SETTLES_IN,
    ).exists()


def _find_known(row: Appointment, from_start: datetime) -> datetime:
    """Return the start that the patient knows: a notice that was never sent told him nothing."""
    last = (
        Message.objects.filter(kind=MOVED, subject_kind=SUBJECT_KIND, subject_id=row.pk)
        .order_by("-id")
        .first()
    )
    waits = last is not None and last.status == MessageStatus.QUEUED
    if last is None or not (waits or last.reason == "moved"):
        return from_start
    return read_mark(last.subject_mark).known_at or from_start


def _queue(
    row: Appointment, *, code: str, key: str, mark: NoticeMark, now: datetime
) -> Message | None:
    language = row.patient.language
    values = describe_branch(row.branch)
    values |= describe_moment(row.starts_at, zone=row.branch.zone, language=language)
    if code == MOVED:
        values["link"] = issue_visit_link(appointment=row, now=now)
    draft = MessageDraft(
        key=key,
        patient_id=row.patient_id,
        template_code=code,
        values=values,
        subject=Subject(SUBJECT_KIND, row.pk, str(mark)),
        send_at=now + SETTLES_IN,
        expires_at=row.starts_at,
        zone=row.branch.time_zone,
    )
    return queue_message(draft=draft, now=now)
