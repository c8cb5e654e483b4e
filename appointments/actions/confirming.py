"""On the eve of a visit: whoever has not confirmed is called, once, with words to say."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext as _

from appointments.actions.status import confirm_appointment
from appointments.models import SUBJECT_KIND, Appointment
from appointments.queries import is_eve, list_silent, list_unconfirmed
from clinic.days import today_at
from clinic.formats import format_clock, format_weekday
from clinic.models import Branch, Role, Setting
from worklist.actions import TaskOrder, close_tasks_of_patient, open_task
from worklist.models import CallOutcome, Task, TaskKind, TaskStatus

LEAST_TIME = timedelta(hours=1)
"""A call may be made this long after it was asked for, however late the branch closes."""


@transaction.atomic
def open_confirm_calls(*, now: datetime) -> int:
    """Open a call for everyone who comes tomorrow and is silent; return how many were opened.

    From the hour of the setting on, on each branch's clock. One call per patient and day, however
    many services he has and however often this runs.
    """
    setting = Setting.load()
    branches = [
        branch
        for branch in Branch.objects.filter(is_active=True)
        if is_eve(branch, setting=setting, now=now)
    ]
    return sum(_open_calls(branch, now=now) for branch in branches)


def _open_calls(branch: Branch, *, now: datetime) -> int:
    on = today_at(branch, now=now) + timedelta(days=1)
    silent = list_silent(branch=branch, on=on, now=now)
    by_patient = groupby(silent, key=lambda row: row.patient_id)
    orders = [_order(list(rows), branch, on, now=now) for _patient_id, rows in by_patient]
    known = set(
        Task.objects.filter(source__in=[order.source for order in orders]).values_list(
            "source", flat=True
        )
    )
    fresh = [order for order in orders if order.source not in known]
    for order in fresh:
        open_task(order=order, actor_id=None, now=now)
    return len(fresh)


def _order(rows: Sequence[Appointment], branch: Branch, on: date, *, now: datetime) -> TaskOrder:
    closes_at = datetime.combine(today_at(branch, now=now), branch.closes_at, tzinfo=branch.zone)
    first = rows[0]
    return TaskOrder(
        kind=TaskKind.CALL_CONFIRM,
        patient_id=first.patient_id,
        branch_id=branch.pk,
        role=Role.ADMINISTRATOR,
        note=_write_script(rows, branch, on),
        source=f"confirm:{first.patient_id}:{branch.pk}:{on.isoformat()}",
        subject_kind=SUBJECT_KIND,
        subject_id=first.pk,
        due_at=max(closes_at, now + LEAST_TIME),
    )


def _write_script(rows: Iterable[Appointment], branch: Branch, on: date) -> str:
    """What to say. It names no service: somebody else may pick up the phone."""
    told = _(
        "“Hello, this is the clinic. You are booked for tomorrow, %(day)s, at %(clock)s,"
        " %(address)s. Will you come?” Yes: “agreed” confirms the visit. No: cancel or move it."
    )
    return told % {
        "day": format_weekday(on),
        "clock": ", ".join(format_clock(row.starts_at, branch.zone) for row in rows),
        "address": branch.address,
    }


@transaction.atomic
def settle_confirm_call(*, patient_id: int, now: datetime) -> None:
    """Close the patient's call when nothing is left to ask: confirmed, moved, cancelled, come."""
    task = Task.objects.filter(
        patient_id=patient_id, kind=TaskKind.CALL_CONFIRM, status=TaskStatus.OPEN
    ).first()
    if task is None or _list_asked(task):
        return
    close_tasks_of_patient(
        patient_id=patient_id,
        kinds=[TaskKind.CALL_CONFIRM],
        result=_("the patient has answered"),
        actor_id=None,
        now=now,
    )


@transaction.atomic
def confirm_called(*, task_id: int, outcome: str, now: datetime) -> None:
    """A patient who said yes on the phone has confirmed what the call was about."""
    task = Task.objects.filter(pk=task_id, kind=TaskKind.CALL_CONFIRM).first()
    if task is None or outcome != CallOutcome.AGREED:
        return
    for row in _list_asked(task):
        if row.starts_at > now:
            confirm_appointment(
                appointment_id=row.pk, by_patient=False, actor_id=task.closed_by_id, now=now
            )


def _list_asked(task: Task) -> list[Appointment]:
    """Return what the call is about and nobody has answered yet."""
    branch = task.branch
    if branch is None:
        return []
    on = task.created_at.astimezone(branch.zone).date() + timedelta(days=1)
    unconfirmed = list_unconfirmed(branch=branch, on=on)
    return list(unconfirmed.filter(patient_id=task.patient_id))
