"""What becomes of an appointment that keeps its time: confirmed, cancelled, asked to move."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions.refusals import told_as_taken
from appointments.actions.rules import check_cutoff
from appointments.actions.totals import refresh_totals
from appointments.events import AppointmentCancelled, AppointmentConfirmed, MoveAsked
from appointments.models import ALLOWED_MOVES, LIVE, SUBJECT_KIND, UPCOMING, Appointment
from clinic.models import Role
from outbox.actions import record_event
from outbox.errors import Refused
from worklist.actions import TaskOrder, close_tasks, open_task
from worklist.models import TaskKind, TaskStatus

CALL_WITHIN = timedelta(hours=2)
"""How soon reception calls a patient who asks to move."""


class StatusNotAllowed(Refused):
    code = "status_not_allowed"
    message = _("The appointment is in another state by now. Refresh the page.")


class NotUpcoming(Refused):
    code = "not_upcoming"
    message = _("This appointment has begun, ended or been cancelled and stays as it is.")


class VisitBegan(Refused):
    code = "visit_began"
    message = _("The time of the visit has come. Please call the clinic.")


def lock_appointment(appointment_id: int) -> Appointment:
    """Return the appointment, held to the end of the transaction."""
    return Appointment.objects.select_for_update(of=("self",), no_key=True).get(pk=appointment_id)


def change_status(appointment: Appointment, to: str) -> None:
    """Give a locked appointment another status, as `ALLOWED_MOVES` allows; `version` grows.

    The caller sets whatever else changes (`cancel_reason`, `wants_move`) before: it is saved too.
    Raises `StatusNotAllowed`, and `SlotTaken` when a cancelled or missed one comes back and its
    time is somebody else's by now.
    """
    if to not in ALLOWED_MOVES[appointment.status]:
        raise StatusNotAllowed
    comes_back = appointment.status not in LIVE and to in LIVE
    appointment.status = to
    if comes_back:
        appointment.cancel_reason, appointment.cancelled_at = "", None
    save_change(appointment)


def save_change(appointment: Appointment) -> None:
    """Save a changed appointment under the next version. Raises `SlotTaken`."""
    appointment.version += 1
    with told_as_taken(), transaction.atomic():
        appointment.save()


@transaction.atomic
def confirm_appointment(
    *, appointment_id: int, by_patient: bool, actor_id: int | None, now: datetime
) -> Appointment:
    """Note that the patient will come. Doing it twice is harmless.

    A wish to move is taken back by it. Raises `StatusNotAllowed`, `VisitBegan`.
    """
    appointment = lock_appointment(appointment_id)
    _check_in_time(appointment, by_patient=by_patient, now=now)
    if appointment.status == Appointment.Status.CONFIRMED and not appointment.wants_move:
        return appointment
    appointment.wants_move = False
    if appointment.status == Appointment.Status.CONFIRMED:
        save_change(appointment)
    else:
        change_status(appointment, Appointment.Status.CONFIRMED)
    close_move_tasks(appointment, result=str(_("confirmed")), actor_id=actor_id, now=now)
    fact = AppointmentConfirmed(
        patient_id=appointment.patient_id, appointment_id=appointment.pk, by_patient=by_patient
    )
    record_event(fact, actor_id=actor_id, now=now)
    return appointment


@transaction.atomic
def cancel_appointment(
    *, appointment_id: int, reason: str, by_patient: bool, actor_id: int | None, now: datetime
) -> Appointment:
    """Give the time back; `reason` is a `CancelReason` code. Doing it twice is harmless.

    Raises `StatusNotAllowed` once the patient has come, `VisitBegan`, and `CutoffPassed` when the
    patient is too late to do it himself.
    """
    appointment = lock_appointment(appointment_id)
    if appointment.status == Appointment.Status.CANCELLED:
        return appointment
    _check_in_time(appointment, by_patient=by_patient, now=now)
    if by_patient and appointment.status in UPCOMING:
        check_cutoff(appointment, now=now)
    appointment.cancel_reason, appointment.wants_move = reason, False
    appointment.cancelled_at = now
    change_status(appointment, Appointment.Status.CANCELLED)
    refresh_totals(patient_id=appointment.patient_id)
    close_move_tasks(appointment, result=str(_("cancelled")), actor_id=actor_id, now=now)
    fact = AppointmentCancelled(
        patient_id=appointment.patient_id,
        appointment_id=appointment.pk,
        reason=reason,
        by_patient=by_patient,
    )
    record_event(fact, actor_id=actor_id, now=now)
    return appointment


@transaction.atomic
def ask_to_move(*, appointment_id: int, now: datetime, wish: str = "") -> Appointment:
    """Note that the patient asks for another time, and have reception call about it.

    `wish` is in the patient's words and goes to the task. Asking twice opens one task. Raises
    `NotUpcoming`, `VisitBegan`.
    """
    appointment = lock_appointment(appointment_id)
    if appointment.status not in UPCOMING:
        raise NotUpcoming
    _check_in_time(appointment, by_patient=True, now=now)
    if appointment.wants_move:
        return appointment
    appointment.wants_move = True
    save_change(appointment)
    order = TaskOrder(
        kind=TaskKind.CALL_MOVE,
        patient_id=appointment.patient_id,
        branch_id=appointment.branch_id,
        role=Role.ADMINISTRATOR,
        note=wish,
        source=f"move:{appointment.pk}:{appointment.version}",
        subject_kind=SUBJECT_KIND,
        subject_id=appointment.pk,
        due_at=min(now + CALL_WITHIN, appointment.starts_at),
    )
    open_task(order=order, actor_id=None, now=now)
    fact = MoveAsked(patient_id=appointment.patient_id, appointment_id=appointment.pk)
    record_event(fact, actor_id=None, now=now)
    return appointment


def close_move_tasks(
    appointment: Appointment, *, result: str, actor_id: int | None, now: datetime
) -> None:
    """Close the calls about a wish to move: it has been answered."""
    close_tasks(
        subject_kind=SUBJECT_KIND,
        subject_id=appointment.pk,
        kinds=[TaskKind.CALL_MOVE],
        result=result,
        status=TaskStatus.DONE,
        actor_id=actor_id,
        now=now,
    )


def _check_in_time(appointment: Appointment, *, by_patient: bool, now: datetime) -> None:
    if by_patient and appointment.starts_at <= now:
        raise VisitBegan
