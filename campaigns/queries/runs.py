"""Whether a run, and a message of it, still makes sense."""

from collections.abc import Callable
from datetime import datetime

from appointments.models import UPCOMING, Appointment
from campaigns.models import Run, RunStatus, Trigger
from campaigns.queries.candidates import mark_of
from feedback.models import Answer


def find_reason_to_leave(run: Run, *, now: datetime) -> str:
    """Return the code of why the run has lost its point, "" while it has one.

    cancelled, moved, begun: the booked visit. answered, undone: the review. booked, came: the
    silent patient. stopped: the scenario was switched off.
    """
    if not run.scenario.is_active:
        return "stopped"
    return CHECKS[Trigger(run.scenario.trigger)](run, now)


def find_reason_to_hold(run_id: int, *, now: datetime) -> str:
    """Return why a message of the run must not be sent any more, "" when it may."""
    run = Run.objects.select_related("scenario").get(pk=run_id)
    if run.status == RunStatus.LEFT:
        return run.left_reason
    return find_reason_to_leave(run, now=now)


def _booked_visit(run: Run, now: datetime) -> str:
    visit = Appointment.objects.get(pk=run.subject_id)
    if visit.status == Appointment.Status.CANCELLED:
        return "cancelled"
    if mark_of(visit.starts_at) != run.subject_mark:
        return "moved"
    return "" if visit.status in UPCOMING and visit.starts_at > now else "begun"


def _finished_visit(run: Run, now: datetime) -> str:
    if Answer.objects.filter(appointment_id=run.subject_id).exists():
        return "answered"
    visit = Appointment.objects.get(pk=run.subject_id)
    return "" if visit.status == Appointment.Status.DONE else "undone"


def _silent_patient(run: Run, now: datetime) -> str:
    later = Appointment.objects.filter(patient_id=run.patient_id).exclude(pk=run.subject_id)
    if later.filter(status__in=UPCOMING, starts_at__gt=now).exists():
        return "booked"
    last = Appointment.objects.get(pk=run.subject_id)
    came = later.filter(status=Appointment.Status.DONE, starts_at__gt=last.starts_at).exists()
    return "came" if came else ""


CHECKS: dict[Trigger, Callable[[Run, datetime], str]] = {
    Trigger.BEFORE_APPOINTMENT: _booked_visit,
    Trigger.AFTER_VISIT: _finished_visit,
    Trigger.SILENCE: _silent_patient,
}
