"""The state of a line is never set by hand: it follows from facts, whoever made them.

```
PRESCRIBED ──hand over──▶ HANDED_OVER ──book──▶ BOOKED ──attend──▶ ATTENDED ──all──▶ FINISHED
     └───────────book────────────────────────────▲  │                  │
                  ◀──the last booked one is lost─────┘                  │
     any of them but FINISHED ──drop, with a reason──▶ DROPPED ──reopen──▶ what the facts say
```

The facts are the sessions linked to the line and what became of their appointments: a cancelled or
missed one no longer counts, a restored one counts again. While sessions are missing, reception has
one open task to book them; when none is missing, the task closes by itself.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from appointments.actions import cancel_appointment
from appointments.models import UPCOMING, CancelReason
from clinic.models import Employee, Role
from outbox.actions import record_event
from outbox.errors import Refused
from prescriptions.events import LineDropped, LineFinished, LineHandedOver, LineReopened
from prescriptions.models import DropReason, LineStatus, PrescriptionLine, Session
from prescriptions.queries import CLOSED, Progress, get_progress
from worklist.actions import TaskOrder, close_tasks, open_task
from worklist.models import Task

SUBJECT_KIND = "prescriptions.line"
"""What the tasks about a line name as their subject."""

BOOK_WITHIN = timedelta(days=1)
"""How soon reception should book what was prescribed, or what fell out of the schedule."""

EXAM_BOOKED_AHEAD = timedelta(days=7)
"""How long before a repeat examination is due reception should book it."""


CANCELLED_BECAUSE = {
    DropReason.EXPENSIVE: CancelReason.EXPENSIVE,
    DropReason.WENT_ELSEWHERE: CancelReason.WENT_ELSEWHERE,
    DropReason.CONTRAINDICATED: CancelReason.OTHER,
    DropReason.OTHER: CancelReason.OTHER,
}
"""Why the sessions of a dropped line are cancelled; for other reasons, the patient asked."""


class LineClosed(Refused):
    code = "line_closed"
    message = _("This part of the course is already finished or dropped.")


class SpecialistDoesNotOffer(Refused):
    code = "specialist_does_not_offer"
    status = 422
    message = _("This specialist does not carry out this service. Choose another one.")


@transaction.atomic
def hand_over_line(
    *, line_id: int, specialist_id: int | None, actor_id: int | None, now: datetime
) -> PrescriptionLine:
    """Somebody took the line: reception, or the specialist who will carry it out.

    Without a specialist the one named before stays. Doing it twice is harmless. Raises
    `LineClosed`, `SpecialistDoesNotOffer`.
    """
    line = lock_line(line_id)
    if line.status in CLOSED:
        raise LineClosed
    check_specialist(service_id=line.service_id, specialist_id=specialist_id)
    specialist_id = specialist_id or line.specialist_id
    if line.handed_over_at and line.specialist_id == specialist_id:
        return line
    line.specialist_id = specialist_id
    line.handed_over_at = line.handed_over_at or now
    line.save(update_fields=["specialist", "handed_over_at"])
    event = LineHandedOver(patient_id=line.prescription.patient_id, line_id=line.pk)
    record_event(event, actor_id=actor_id, now=now)
    follow_line(line, actor_id=actor_id, now=now)
    return line


@transaction.atomic
def hand_over_by_task(*, task_id: int, actor_id: int | None, now: datetime) -> None:
    """Reception took the task of booking a line: the line is in hands. A closed one stays."""
    task = Task.objects.get(pk=task_id)
    if task.subject_kind != SUBJECT_KIND or task.subject_id is None:
        return
    if PrescriptionLine.objects.get(pk=task.subject_id).status not in CLOSED:
        hand_over_line(line_id=task.subject_id, specialist_id=None, actor_id=actor_id, now=now)


@transaction.atomic
def drop_line(
    *, line_id: int, reason: str, note: str, actor_id: int | None, now: datetime
) -> PrescriptionLine:
    """The patient will not go on: upcoming sessions are cancelled, the reason is kept.

    `reason` is a `DropReason` code. Dropping twice is harmless. Raises `LineClosed` when it is
    finished.
    """
    line = lock_line(line_id)
    if line.status == LineStatus.DROPPED:
        return line
    if line.status in CLOSED:
        raise LineClosed
    line.status, line.closed_at = LineStatus.DROPPED, now
    line.drop_reason, line.drop_note = DropReason(reason), note[:300]
    line.save(update_fields=["status", "closed_at", "drop_reason", "drop_note"])
    upcoming = Session.objects.filter(line=line, appointment__status__in=UPCOMING)
    for appointment_id in upcoming.order_by("id").values_list("appointment", flat=True):
        cancel_appointment(
            appointment_id=appointment_id,
            reason=CANCELLED_BECAUSE.get(DropReason(reason), CancelReason.PATIENT_ASKED),
            by_patient=False,
            actor_id=actor_id,
            now=now,
        )
    _close_tasks(line, status=Task.Status.CANCELLED, actor_id=actor_id, now=now)
    event = LineDropped(
        patient_id=line.prescription.patient_id, line_id=line.pk, reason=line.drop_reason
    )
    record_event(event, actor_id=actor_id, now=now)
    return line


@transaction.atomic
def reopen_line(*, line_id: int, actor_id: int | None, now: datetime) -> PrescriptionLine:
    """Undo a dropping: the line is what the facts say. Its cancelled sessions stay cancelled."""
    line = lock_line(line_id)
    if line.status != LineStatus.DROPPED:
        return line
    line.status, line.closed_at = LineStatus.PRESCRIBED, None
    line.drop_reason, line.drop_note = "", ""
    line.save(update_fields=["status", "closed_at", "drop_reason", "drop_note"])
    event = LineReopened(patient_id=line.prescription.patient_id, line_id=line.pk)
    record_event(event, actor_id=actor_id, now=now)
    follow_line(line, actor_id=actor_id, now=now)
    return line


@transaction.atomic
def follow_session(*, appointment_id: int, now: datetime) -> None:
    """Something became of an appointment: if it is a session of a course, its line follows."""
    session = Session.objects.filter(appointment=appointment_id).first()
    if session is not None:
        follow_line(lock_line(session.line_id), actor_id=None, now=now)


def lock_line(line_id: int) -> PrescriptionLine:
    """Hold the line until the transaction ends."""
    lines = PrescriptionLine.objects.select_for_update(of=("self",), no_key=True)
    return lines.select_related("prescription", "service").get(pk=line_id)


def check_specialist(*, service_id: int, specialist_id: int | None) -> None:
    """Raise `SpecialistDoesNotOffer` when someone named does not carry the service out."""
    if specialist_id is None:
        return
    offers = Employee.objects.filter(pk=specialist_id, services=service_id, is_active=True)
    if not offers.exists():
        raise SpecialistDoesNotOffer


def follow_line(line: PrescriptionLine, *, actor_id: int | None, now: datetime) -> None:
    """Bring the state of a locked line, and the task to book it, to what the facts say."""
    if line.status == LineStatus.DROPPED:
        return
    progress = get_progress(line)
    status = _status_by(line, progress)
    if status == LineStatus.FINISHED and line.status != LineStatus.FINISHED:
        finished = LineFinished(patient_id=line.prescription.patient_id, line_id=line.pk)
        record_event(finished, actor_id=actor_id, now=now)
    line.closed_at = (line.closed_at or now) if status == LineStatus.FINISHED else None
    if progress.booked or progress.attended:
        line.handed_over_at = line.handed_over_at or now
    line.status = status
    line.save(update_fields=["status", "closed_at", "handed_over_at"])
    if progress.missing:
        _keep_task_open(line, progress, actor_id=actor_id, now=now)
    else:
        _close_tasks(line, status=Task.Status.DONE, actor_id=actor_id, now=now)


def _status_by(line: PrescriptionLine, progress: Progress) -> LineStatus:
    if progress.attended >= line.sessions:
        return LineStatus.FINISHED
    if progress.attended:
        return LineStatus.ATTENDED
    if progress.booked:
        return LineStatus.BOOKED
    return LineStatus.HANDED_OVER if line.handed_over_at else LineStatus.PRESCRIBED


def _keep_task_open(
    line: PrescriptionLine, progress: Progress, *, actor_id: int | None, now: datetime
) -> None:
    """Reception has one open task for the line; a new one each time sessions fall out again."""
    tasks = Task.objects.filter(subject_kind=SUBJECT_KIND, subject_id=line.pk)
    if tasks.filter(status=Task.Status.OPEN).exists():
        return
    order = TaskOrder(
        kind=Task.Kind.BOOK_COURSE,
        patient_id=line.prescription.patient_id,
        branch_id=line.prescription.branch_id,
        role=Role.ADMINISTRATOR,
        note=_describe(line, progress),
        source=f"line:{line.pk}:{tasks.count() + 1}",
        subject_kind=SUBJECT_KIND,
        subject_id=line.pk,
        due_at=_due_at(line, now=now),
    )
    open_task(order=order, actor_id=actor_id, now=now)


def _due_at(line: PrescriptionLine, *, now: datetime) -> datetime:
    soon = now + BOOK_WITHIN
    if not line.is_repeat_exam or line.due_on is None:
        return soon
    zone = line.prescription.branch.zone
    due_at = datetime.combine(line.due_on, datetime.min.time(), tzinfo=zone)
    return max(soon, due_at - EXAM_BOOKED_AHEAD)


def _describe(line: PrescriptionLine, progress: Progress) -> str:
    sessions = ngettext("%(n)d session", "%(n)d sessions", progress.missing) % {
        "n": progress.missing
    }
    if line.is_repeat_exam:
        return gettext("%(service)s, repeat examination") % {"service": line.service.name}
    return f"{line.service.name}, {sessions}"


def _close_tasks(
    line: PrescriptionLine, *, status: str, actor_id: int | None, now: datetime
) -> None:
    done = status == Task.Status.DONE
    close_tasks(
        subject_kind=SUBJECT_KIND,
        subject_id=line.pk,
        kinds=[Task.Kind.BOOK_COURSE],
        result=gettext("all sessions are booked") if done else gettext("the course was dropped"),
        status=status,
        actor_id=actor_id,
        now=now,
    )
