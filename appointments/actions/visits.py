"""From the door to the bill: arrived, started, finished, or did not come.

Every move is one of `ALLOWED_MOVES`. Asking again for what already is so changes nothing, so a
double tap is harmless. A step that nobody marked is made on the way: a doctor who starts a
patient whom reception did not mark has him arrive at that moment.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions.bill import LineInput, write_lines
from appointments.actions.prepayments import use_prepayments
from appointments.actions.status import StatusNotAllowed, change_status, lock_appointment
from appointments.actions.totals import refresh_totals
from appointments.events import (
    AppointmentMissed,
    PatientArrived,
    PatientCalled,
    VisitFinished,
    VisitReopened,
    VisitStarted,
)
from appointments.models import SUBJECT_KIND, Appointment, AppointmentStatus, Visit
from clinic.models import Role
from outbox.actions import record_event
from outbox.errors import Refused
from worklist.actions import TaskOrder, close_tasks, open_task
from worklist.models import CallOutcome, Task

CALL_MISSED_WITHIN = timedelta(minutes=30)
"""How soon reception should ring a patient who did not come."""

CALL_AGAIN_AFTER = timedelta(days=14)
"""When it rings once more, unless he has booked meanwhile: a booking closes both calls."""

_CAME = frozenset({AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS})


class NotToday(Refused):
    code = "not_today"
    message = _("This visit is on another day. Move it to today first.")


class TooEarly(Refused):
    code = "too_early"
    message = _("The visit has not begun yet: wait for its time.")


class MoneyTaken(Refused):
    code = "money_taken"
    message = _("There is money on this visit. Refund it first.")


@transaction.atomic
def mark_arrived(*, appointment_id: int, actor_id: int | None, now: datetime) -> Visit:
    """The patient is here. Also takes back a no-show, and the call about it.

    Raises `StatusNotAllowed`, `NotToday`, `SlotTaken`.
    """
    appointment = lock_appointment(appointment_id)
    if appointment.status in _CAME or appointment.status == AppointmentStatus.DONE:
        return Visit.objects.get(appointment=appointment)
    visit = _arrive(appointment, actor_id=actor_id, now=now)
    refresh_totals(patient_id=appointment.patient_id)
    return visit


@transaction.atomic
def call_in(*, appointment_id: int, actor_id: int | None, now: datetime) -> Visit:
    """Ask the waiting patient in; whoever was not marked as arrived is now.

    Calling again changes nothing. Raises `StatusNotAllowed`, `NotToday`, `SlotTaken`.
    """
    appointment = lock_appointment(appointment_id)
    if appointment.status in {AppointmentStatus.IN_PROGRESS, AppointmentStatus.DONE}:
        return Visit.objects.get(appointment=appointment)
    if appointment.status not in _CAME:
        _arrive(appointment, actor_id=actor_id, now=now)
        refresh_totals(patient_id=appointment.patient_id)
    visit = _lock_visit_of(appointment)
    if visit.called_at is None:
        visit.called_at = now
        visit.save(update_fields=["called_at"])
        _tell(PatientCalled, appointment, actor_id=actor_id, now=now)
    return visit


@transaction.atomic
def start_visit(*, appointment_id: int, actor_id: int | None, now: datetime) -> Visit:
    """The doctor took the patient in. Raises `StatusNotAllowed`, `NotToday`, `SlotTaken`."""
    appointment = lock_appointment(appointment_id)
    if appointment.status in {AppointmentStatus.IN_PROGRESS, AppointmentStatus.DONE}:
        return Visit.objects.get(appointment=appointment)
    if appointment.status not in _CAME:
        _arrive(appointment, actor_id=actor_id, now=now)
    change_status(appointment, AppointmentStatus.IN_PROGRESS)
    visit = _lock_visit_of(appointment)
    visit.started_at = now
    visit.save(update_fields=["started_at"])
    _tell(VisitStarted, appointment, actor_id=actor_id, now=now)
    refresh_totals(patient_id=appointment.patient_id)
    return visit


@transaction.atomic
def finish_visit(
    *, appointment_id: int, lines: Sequence[LineInput], actor_id: int | None, now: datetime
) -> Visit:
    """The visit is over, and this is the bill; without `lines` the booked service as booked.

    What was paid ahead for the booking pays it as far as it goes.

    On a finished visit it changes nothing: the bill is then `change_bill`'s. Raises
    `StatusNotAllowed`, `NotToday`, `SlotTaken` and what `write_lines` raises.
    """
    appointment = lock_appointment(appointment_id)
    if appointment.status == AppointmentStatus.DONE:
        return Visit.objects.get(appointment=appointment)
    if appointment.status not in _CAME:
        _arrive(appointment, actor_id=actor_id, now=now)
    change_status(appointment, AppointmentStatus.DONE)
    visit = _lock_visit_of(appointment)
    visit.finished_at = now
    visit.save(update_fields=["finished_at"])
    booked = LineInput(service_id=appointment.service_id, quantity=1, price=appointment.price)
    write_lines(visit, lines or [booked])
    use_prepayments(visit, actor_id=actor_id, now=now)
    _tell(VisitFinished, appointment, actor_id=actor_id, now=now)
    refresh_totals(patient_id=appointment.patient_id)
    return visit


@transaction.atomic
def reopen_visit(*, appointment_id: int, actor_id: int | None, now: datetime) -> Visit:
    """Undo a finish by mistake: back in progress. Raises `StatusNotAllowed`, `MoneyTaken`."""
    appointment = lock_appointment(appointment_id)
    if appointment.status == AppointmentStatus.IN_PROGRESS:
        return Visit.objects.get(appointment=appointment)
    if appointment.status != AppointmentStatus.DONE:
        raise StatusNotAllowed
    visit = _lock_visit_of(appointment)
    if visit.paid:
        raise MoneyTaken
    change_status(appointment, AppointmentStatus.IN_PROGRESS)
    visit.started_at, visit.finished_at = visit.started_at or now, None
    visit.save(update_fields=["started_at", "finished_at"])
    _tell(VisitReopened, appointment, actor_id=actor_id, now=now)
    refresh_totals(patient_id=appointment.patient_id)
    return visit


@transaction.atomic
def mark_no_show(*, appointment_id: int, actor_id: int | None, now: datetime) -> Appointment:
    """The patient did not come: the time is free again, reception calls now and in two weeks.

    Raises `StatusNotAllowed`, `TooEarly` before the visit's time.
    """
    appointment = lock_appointment(appointment_id)
    if appointment.status == AppointmentStatus.NO_SHOW:
        return appointment
    if appointment.starts_at > now:
        raise TooEarly
    change_status(appointment, AppointmentStatus.NO_SHOW)
    call = _call_about(appointment, due_at=now + CALL_MISSED_WITHIN)
    again = replace(
        call,
        source=f"no-show-again:{appointment.pk}:{appointment.version}",
        due_at=now + CALL_AGAIN_AFTER,
        note=str(_("the second call: has not booked since")),
    )
    for order in (call, again):
        open_task(order=order, actor_id=actor_id, now=now)
    _tell(AppointmentMissed, appointment, actor_id=actor_id, now=now)
    refresh_totals(patient_id=appointment.patient_id)
    return appointment


@transaction.atomic
def close_calls_after_refusal(*, task_id: int, outcome: str, now: datetime) -> int:
    """Who has refused in the first call about a missed visit is not called again.

    Returns how many calls that closed.
    """
    called = Task.objects.filter(pk=task_id, kind=Task.Kind.CALL_NO_SHOW).first()
    if called is None or called.subject_id is None or outcome != CallOutcome.REFUSED:
        return 0
    return close_tasks(
        subject_kind=SUBJECT_KIND,
        subject_id=called.subject_id,
        kinds=[Task.Kind.CALL_NO_SHOW],
        result=str(_("refused in the first call")),
        status=Task.Status.CANCELLED,
        actor_id=None,
        now=now,
    )


def _call_about(appointment: Appointment, *, due_at: datetime) -> TaskOrder:
    return TaskOrder(
        kind=Task.Kind.CALL_NO_SHOW,
        patient_id=appointment.patient_id,
        branch_id=appointment.branch_id,
        role=Role.ADMINISTRATOR,
        source=f"no-show:{appointment.pk}:{appointment.version}",
        subject_kind=SUBJECT_KIND,
        subject_id=appointment.pk,
        due_at=due_at,
    )


def _arrive(appointment: Appointment, *, actor_id: int | None, now: datetime) -> Visit:
    zone = appointment.branch.zone
    if appointment.starts_at.astimezone(zone).date() != now.astimezone(zone).date():
        raise NotToday
    was_missed = appointment.status == AppointmentStatus.NO_SHOW
    change_status(appointment, AppointmentStatus.ARRIVED)
    if was_missed:
        close_tasks(
            subject_kind=SUBJECT_KIND,
            subject_id=appointment.pk,
            kinds=[Task.Kind.CALL_NO_SHOW],
            result=str(_("the patient came")),
            status=Task.Status.CANCELLED,
            actor_id=actor_id,
            now=now,
        )
    visit, _is_new = Visit.objects.update_or_create(
        appointment=appointment, defaults={"arrived_at": now, "called_at": None}
    )
    _tell(PatientArrived, appointment, actor_id=actor_id, now=now)
    return visit


def _lock_visit_of(appointment: Appointment) -> Visit:
    visits = Visit.objects.select_for_update(of=("self",), no_key=True)
    return visits.get(appointment=appointment)


def _tell(
    fact: type[
        PatientArrived
        | PatientCalled
        | VisitStarted
        | VisitFinished
        | VisitReopened
        | AppointmentMissed
    ],
    appointment: Appointment,
    *,
    actor_id: int | None,
    now: datetime,
) -> None:
    event = fact(patient_id=appointment.patient_id, appointment_id=appointment.pk)
    record_event(event, actor_id=actor_id, now=now)
