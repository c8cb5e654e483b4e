"""Moving and restoring: an appointment takes another time, or its old one back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions.booking import advise, check_wish, lock_wish, take_place
from appointments.actions.refusals import REFUSALS, NotFree
from appointments.actions.releasing import name_owner, release_holds
from appointments.actions.rules import check_cutoff
from appointments.actions.status import (
    NotUpcoming,
    change_status,
    close_move_tasks,
    lock_appointment,
    save_change,
)
from appointments.actions.totals import refresh_totals
from appointments.events import AppointmentMoved, AppointmentRestored
from appointments.models import (
    LIVE,
    UPCOMING,
    Appointment,
    AppointmentStatus,
    Visit,
)
from appointments.queries import Wish, explain_misfit, find_fit, name_mover
from clinic.queries import get_terms
from outbox.actions import record_event
from outbox.errors import Refused
from outbox.models import Event


class StaleVersion(Refused):
    code = "stale_version"
    message = _("Somebody has changed this appointment meanwhile. Look at it again.")


def move_appointment(
    *,
    appointment_id: int,
    starts_at: datetime,
    version: int,
    actor_id: int | None,
    now: datetime,
    employee_id: int | None = None,
    by_patient: bool = False,
) -> Appointment:
    """Give the appointment another time, and another employee if one is named.

    Its service, branch and price stay; its length too, unless another employee takes longer or
    shorter for the service. Its room stays if that is free. A new time waits to be confirmed again.
    `version` is the one that the caller saw. The rules of the service bind patients, not reception.
    Raises `StaleVersion`, `NotUpcoming`, `SlotInPast`, `CutoffPassed`, or a `NotFree` with the
    nearest free times.
    """
    seen = Appointment.objects.get(pk=appointment_id)
    wish = _wish_of(seen, starts_at=starts_at, employee_id=employee_id or seen.employee_id)
    owners = (name_owner(actor_id), name_mover(seen.pk))
    wish = replace(wish, by_patient=by_patient, owners=owners)
    target = Target(seen.pk, version, wish, Appointment.Status.BOOKED)
    return _move_or_advise(target, actor_id=actor_id, now=now)


def undo_move(
    *, appointment_id: int, version: int, actor_id: int | None, now: datetime
) -> Appointment:
    """Take the last move back: the time, the employee and the confirmation as before it.

    `version` is the one that the move made: anything that happened since forbids it. Raises as
    `move_appointment`.
    """
    seen = Appointment.objects.get(pk=appointment_id)
    last = (
        Event.objects.filter(
            name=AppointmentMoved.name,
            patient_id=seen.patient_id,
            payload__appointment_id=seen.pk,
        )
        .order_by("-id")
        .first()
    )
    if last is None:
        raise StaleVersion
    wish = _wish_of(
        seen,
        starts_at=datetime.fromisoformat(last.payload["from_start"]),
        employee_id=last.payload["from_employee_id"] or seen.employee_id,
    )
    if last.payload.get("from_end"):
        wish = replace(wish, ends_at=datetime.fromisoformat(last.payload["from_end"]))
    wish = replace(wish, owners=(name_owner(actor_id),))
    was_confirmed = last.payload["was_confirmed"]
    status = Appointment.Status.CONFIRMED if was_confirmed else Appointment.Status.BOOKED
    target = Target(seen.pk, version, wish, status)
    return _move_or_advise(target, actor_id=actor_id, now=now)


class Target(NamedTuple):
    """Which appointment goes, from which version, where, and its status there."""

    appointment_id: int
    version: int
    wish: Wish
    status: AppointmentStatus


def _move_or_advise(target: Target, *, actor_id: int | None, now: datetime) -> Appointment:
    try:
        return _move(target, actor_id=actor_id, now=now)
    except NotFree as refusal:
        advise(refusal, target.wish, now=now)
        raise


@transaction.atomic
def _move(target: Target, *, actor_id: int | None, now: datetime) -> Appointment:
    wish = target.wish
    lock_wish(wish)
    appointment = lock_appointment(target.appointment_id)
    if appointment.version != target.version:
        raise StaleVersion
    if appointment.status not in UPCOMING:
        raise NotUpcoming
    if wish.by_patient:
        check_cutoff(appointment, now=now)
    if (appointment.starts_at, appointment.employee_id) == (wish.starts_at, wish.employee_id):
        return appointment
    fact = AppointmentMoved(
        patient_id=appointment.patient_id,
        appointment_id=appointment.pk,
        from_start=appointment.starts_at.astimezone(UTC).isoformat(),
        from_end=appointment.ends_at.astimezone(UTC).isoformat(),
        to_start=wish.starts_at.astimezone(UTC).isoformat(),
        from_employee_id=appointment.employee_id,
        to_employee_id=wish.employee_id,
        was_confirmed=appointment.status == Appointment.Status.CONFIRMED,
        by_patient=wish.by_patient,
    )
    take_place(appointment, check_wish(wish, appointment.service, now=now))
    release_holds(wish.owners, now=now)
    if appointment.employee_id != wish.employee_id:
        _take_buffers(appointment)
    appointment.employee_id = wish.employee_id
    appointment.starts_at, appointment.ends_at = wish.starts_at, wish.ends_at
    appointment.status, appointment.wants_move = target.status, False
    save_change(appointment)
    refresh_totals(patient_id=appointment.patient_id)
    close_move_tasks(appointment, result=str(_("moved")), actor_id=actor_id, now=now)
    record_event(fact, actor_id=actor_id, now=now)
    return appointment


def restore_appointment(*, appointment_id: int, actor_id: int | None, now: datetime) -> Appointment:
    """Undo a cancellation, a no-show, an arrival or a confirmation: it is booked again.

    An undone arrival takes its visit away as long as nothing was rendered or paid. Raises
    `StatusNotAllowed`, or a `NotFree` with the nearest free times when a cancelled or missed one
    would come back to a time that is gone.
    """
    seen = Appointment.objects.get(pk=appointment_id)
    wish = _wish_of(seen, starts_at=seen.starts_at, employee_id=seen.employee_id)
    wish = replace(wish, owners=(name_owner(actor_id),))
    try:
        return _restore(wish, seen, actor_id=actor_id, now=now)
    except NotFree as refusal:
        advise(refusal, wish, now=now)
        raise


@transaction.atomic
def _restore(wish: Wish, seen: Appointment, *, actor_id: int | None, now: datetime) -> Appointment:
    lock_wish(wish)
    appointment = lock_appointment(seen.pk)
    if appointment.status == Appointment.Status.BOOKED:
        return appointment
    if appointment.status not in LIVE:
        fit = find_fit(wish=wish, now=now)
        if fit is None:
            raise REFUSALS[explain_misfit(wish=wish, now=now)]
        take_place(appointment, fit)
        release_holds(wish.owners, now=now)
    change_status(appointment, Appointment.Status.BOOKED)
    Visit.objects.filter(appointment=appointment, lines=None, payments=None).delete()
    refresh_totals(patient_id=appointment.patient_id)
    fact = AppointmentRestored(patient_id=appointment.patient_id, appointment_id=appointment.pk)
    record_event(fact, actor_id=actor_id, now=now)
    return appointment


def _wish_of(appointment: Appointment, *, starts_at: datetime, employee_id: int) -> Wish:
    return Wish(
        patient_id=appointment.patient_id,
        service_id=appointment.service_id,
        employee_id=employee_id,
        branch_id=appointment.branch_id,
        starts_at=starts_at,
        ends_at=starts_at + _length_with(appointment, employee_id),
        kept_room_id=appointment.room_id,
        kept_device_id=appointment.device_id,
        except_id=appointment.pk,
        waived=True,
    )


def _length_with(appointment: Appointment, employee_id: int) -> timedelta:
    """The appointment's own length in its own diary, another employee's in his."""
    if employee_id == appointment.employee_id:
        return appointment.ends_at - appointment.starts_at
    return get_terms(service_id=appointment.service_id, employee_id=employee_id).duration


def _take_buffers(appointment: Appointment) -> None:
    """In another diary the buffers are those that the service has now."""
    service = appointment.service
    appointment.buffer_before = service.buffer_before
    appointment.buffer_after = service.buffer_after
    appointment.buffer_in_room = service.buffer_in_room
