"""The doctor runs late: those who come next are written to, once for one delay."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from appointments.actions.locks import lock_diary
from appointments.events import DelayTold
from appointments.models import SUBJECT_KIND
from appointments.queries import Delayed, NoticeMark, list_delayed
from appointments.queries.delays import LATE
from clinic.models import Branch
from messaging.actions import MessageDraft, Subject, queue_message
from messaging.kinds import describe_branch, describe_moment
from outbox.actions import record_event

MINUTE = timedelta(minutes=1)


@transaction.atomic
def tell_of_delay(
    *,
    employee_id: int,
    branch: Branch,
    delay: timedelta,
    appointment_ids: Collection[int],
    actor_id: int | None,
    now: datetime,
) -> int:
    """Write to those of today's next patients whom the delay reaches; return how many were.

    Only the appointments named, and only patients to whom it is news: pressed twice, or by two
    people at once, it writes once.
    """
    lock_diary(employee_id=employee_id)
    found = list_delayed(employee_id=employee_id, branch=branch, delay=delay, now=now)
    chosen = [one for one in found if one.is_news and one.appointment.pk in appointment_ids]
    return sum(_write(one, branch, actor_id=actor_id, now=now) for one in chosen)


def _write(one: Delayed, branch: Branch, *, actor_id: int | None, now: datetime) -> bool:
    row, minutes = one.appointment, int(one.delay / MINUTE)
    values = describe_branch(branch) | {"minutes": str(minutes)}
    values |= describe_moment(one.expected_at, zone=branch.zone, language=row.patient.language)
    mark = NoticeMark(kind="late", at=row.starts_at, known_at=one.expected_at)
    draft = MessageDraft(
        key=f"late:{row.pk}:{int(row.starts_at.timestamp())}:{minutes}",
        patient_id=row.patient_id,
        template_code=LATE,
        values=values,
        subject=Subject(SUBJECT_KIND, row.pk, str(mark)),
        send_at=now,
        expires_at=row.starts_at,
        zone=branch.time_zone,
    )
    if queue_message(draft=draft, now=now) is None:
        return False
    fact = DelayTold(patient_id=row.patient_id, appointment_id=row.pk, minutes=minutes)
    record_event(fact, actor_id=actor_id, now=now)
    return True
