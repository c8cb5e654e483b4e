"""Coming onto the list, and off it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.actions import DeskOnly, NotUpcoming, ServiceNotOffered
from appointments.models import UPCOMING, Appointment, CancelReason
from clinic.models import Employee, Service
from outbox.actions import record_event
from outbox.errors import Refused
from patients.models import Patient
from waitlist.events import WaitBegan, WaitChanged, WaitEnded, WaitResumed
from waitlist.models import ALLOWED_MOVES, WEEKDAYS, EndReason, Entry, EntryStatus, Origin

LONGEST_WAIT = timedelta(days=365)


class AlreadyWaiting(Refused):
    """`entry_id` in the details waits already."""

    code = "already_waiting"
    message = _("The patient is on the waiting list for this service already. Change that entry.")


class TermOver(Refused):
    code = "term_over"
    status = 422
    message = _("The last day to wait must lie ahead, within a year.")


class WrongTimes(Refused):
    code = "wrong_times"
    status = 422
    message = _("These days or hours never come. The end must be later than the beginning.")


class NotOnList(Refused):
    code = "not_on_list"
    message = _("This entry of the waiting list has changed by now. Refresh the page.")


class WrongVisit(Refused):
    code = "wrong_visit"
    status = 422
    message = _("Earlier than what? Choose a visit of this patient for this service.")


@dataclass(frozen=True, kw_only=True)
class WaitTerms:
    """What somebody waits for; see `Entry` for what the fields mean and what empty means."""

    until_on: date
    employee_id: int | None = None
    position: str = ""
    branch_ids: Collection[int] = ()
    weekdays: Collection[int] = ()
    from_clock: time = time.min
    until_clock: time | None = None
    from_on: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class WaitOrder:
    """Who waits, for which service and when. The same `key` (at most 100 characters) is one entry.

    With `earlier_than_id` the patient has that appointment and would rather come before it.
    """

    patient_id: int
    service_id: int
    terms: WaitTerms
    key: str
    origin: Origin = Origin.DESK
    earlier_than_id: int | None = None


@transaction.atomic
def join_waitlist(*, order: WaitOrder, actor_id: int | None, now: datetime) -> Entry:
    """Put the patient on the list, or return the entry that the same key made before.

    Raises `AlreadyWaiting`, `TermOver`, `WrongTimes`, `WrongVisit`, `NotUpcoming`,
    `ServiceNotOffered`, and `DeskOnly` when a patient asks for what only reception books.
    """
    hold_patient(order.patient_id)
    service = Service.objects.get(pk=order.service_id)
    if order.origin == Origin.ONLINE and not service.is_online:
        raise DeskOnly
    earlier = Entry.objects.filter(key=order.key).first()
    if earlier is not None:
        return earlier
    entry = Entry(
        patient_id=order.patient_id,
        service=service,
        earlier_than_id=order.earlier_than_id,
        origin=order.origin,
        key=order.key,
        created_at=now,
        created_by_id=actor_id,
    )
    _check_visit(entry)
    _refuse_second(entry)
    _set_terms(entry, order.terms, now=now)
    fact = WaitBegan(patient_id=entry.patient_id, entry_id=entry.pk)
    record_event(fact, actor_id=actor_id, now=now)
    return entry


@transaction.atomic
def change_entry(*, entry_id: int, terms: WaitTerms, actor_id: int | None, now: datetime) -> Entry:
    """Change what a waiting patient waits for; his place by time stays.

    Raises `NotOnList` once he no longer waits, `TermOver`, `WrongTimes`, `ServiceNotOffered`.
    """
    entry = lock_entry(entry_id)
    if entry.status != EntryStatus.WAITING:
        raise NotOnList
    _set_terms(entry, terms, now=now)
    fact = WaitChanged(patient_id=entry.patient_id, entry_id=entry.pk)
    record_event(fact, actor_id=actor_id, now=now)
    return entry


@transaction.atomic
def withdraw_entry(*, entry_id: int, reason: str, actor_id: int | None, now: datetime) -> Entry:
    """Take the patient off the list; `reason` is an `EndReason`. Doing it twice is harmless.

    An offer that he has not answered is called off within seconds (`close_offer_next`). Raises
    `NotOnList` for whoever booked or whose term ended.
    """
    entry = lock_entry(entry_id)
    if entry.status == EntryStatus.WITHDRAWN:
        return entry
    entry.end_reason = reason
    end_entry(entry, EntryStatus.WITHDRAWN, actor_id=actor_id, now=now)
    return entry


@transaction.atomic
def resume_entry(*, entry_id: int, actor_id: int | None, now: datetime) -> Entry:
    """Let whoever is off the list wait on, at his old place. Waiting already, nothing changes.

    Raises `TermOver`, `AlreadyWaiting`, `NotUpcoming` when the visit to be earlier has begun.
    """
    hold_patient(Entry.objects.values_list("patient_id", flat=True).get(pk=entry_id))
    entry = lock_entry(entry_id)
    if entry.status == EntryStatus.WAITING:
        return entry
    _check_visit(entry)
    _refuse_second(entry)
    _check_term(entry.until_on, now=now)
    _move(entry, EntryStatus.WAITING)
    entry.end_reason, entry.appointment, entry.ended_at = "", None, None
    entry.save()
    fact = WaitResumed(patient_id=entry.patient_id, entry_id=entry.pk)
    record_event(fact, actor_id=actor_id, now=now)
    return entry


@transaction.atomic
def end_by_booking(*, appointment_id: int, now: datetime) -> None:
    """The patient has booked the service: nobody waits for it any more.

    Who waits to come earlier than a visit he has is content only with a time before it.
    """
    booked = Appointment.objects.get(pk=appointment_id)
    if booked.status not in UPCOMING:
        return
    found = Entry.objects.filter(
        Q(earlier_than=None) | Q(earlier_than__starts_at__gt=booked.starts_at),
        patient=booked.patient_id,
        service=booked.service_id,
        status=EntryStatus.WAITING,
    )
    for entry_id in found.values_list("pk", flat=True):
        entry = lock_entry(entry_id)
        if entry.status == EntryStatus.WAITING:
            entry.appointment = booked
            end_entry(entry, EntryStatus.BOOKED, actor_id=None, now=now)


@transaction.atomic
def follow_cancelled(*, appointment_id: int, now: datetime) -> None:
    """Answer a cancelled visit.

    Booked by mistake, it gives whoever it took off the list his place back. Who wanted to come
    earlier than it no longer waits, unless the clinic cancelled: then he waits for any time.
    """
    visit = Appointment.objects.get(pk=appointment_id)
    if visit.cancel_reason == CancelReason.MISTAKE:
        for entry in Entry.objects.filter(appointment=visit, status=EntryStatus.BOOKED):
            try:
                resume_entry(entry_id=entry.pk, actor_id=None, now=now)
            except Refused:
                continue
    for entry_id in Entry.objects.filter(
        earlier_than=visit, status=EntryStatus.WAITING
    ).values_list("pk", flat=True):
        entry = lock_entry(entry_id)
        if visit.cancel_reason == CancelReason.DOCTOR_ABSENT:
            entry.earlier_than = None
            entry.save(update_fields=["earlier_than"])
        elif entry.status == EntryStatus.WAITING and visit.status not in UPCOMING:
            entry.end_reason = EndReason.VISIT_GONE
            end_entry(entry, EntryStatus.WITHDRAWN, actor_id=None, now=now)


@transaction.atomic
def expire_entry_next(*, now: datetime) -> bool:
    """End the next wish whose last day is over, or whose visit to be earlier has begun.

    The day is read on the clock of the installation (`settings.TIME_ZONE`).
    """
    today = timezone.localdate(now)
    over = Q(until_on__lt=today) | Q(earlier_than__starts_at__lte=now)
    entry = (
        Entry.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(over, status=EntryStatus.WAITING)
        .order_by("until_on", "id")
        .first()
    )
    if entry is None:
        return False
    end_entry(entry, EntryStatus.EXPIRED, actor_id=None, now=now)
    return True


def hold_patient(patient_id: int) -> None:
    """Have whoever else puts this patient on a list wait to the end of the transaction."""
    Patient.objects.select_for_update(no_key=True).get(pk=patient_id)


def lock_entry(entry_id: int) -> Entry:
    """Return the entry, held to the end of the transaction."""
    return (
        Entry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("earlier_than")
        .get(pk=entry_id)
    )


def end_entry(entry: Entry, to: EntryStatus, *, actor_id: int | None, now: datetime) -> None:
    """Give a locked entry its end, and save what the caller set besides. Raises `NotOnList`."""
    _move(entry, to)
    entry.ended_at = now
    entry.save()
    fact = WaitEnded(
        patient_id=entry.patient_id, entry_id=entry.pk, status=to, reason=entry.end_reason
    )
    record_event(fact, actor_id=actor_id, now=now)


def _move(entry: Entry, to: EntryStatus) -> None:
    if to not in ALLOWED_MOVES[entry.status]:
        raise NotOnList
    entry.status = to


def _set_terms(entry: Entry, terms: WaitTerms, *, now: datetime) -> None:
    _check_term(terms.until_on, now=now)
    _check_times(terms)
    _check_doctor(entry.service_id, terms)
    entry.employee_id, entry.position = terms.employee_id, terms.position
    entry.weekdays = sorted(set(terms.weekdays))
    entry.from_clock, entry.until_clock = terms.from_clock, terms.until_clock
    entry.from_on, entry.until_on, entry.note = terms.from_on, terms.until_on, terms.note
    entry.save()
    entry.branches.set(terms.branch_ids)


def _check_term(until_on: date, *, now: datetime) -> None:
    today = timezone.localdate(now)
    if not today <= until_on <= today + LONGEST_WAIT:
        raise TermOver


def _check_times(terms: WaitTerms) -> None:
    is_backwards = terms.from_on is not None and terms.from_on > terms.until_on
    is_empty = terms.until_clock is not None and terms.from_clock >= terms.until_clock
    if is_backwards or is_empty or not set(terms.weekdays) <= set(WEEKDAYS):
        raise WrongTimes


def _check_doctor(service_id: int, terms: WaitTerms) -> None:
    doctors = Employee.objects.filter(services=service_id, is_active=True)
    if terms.employee_id is not None:
        doctors = doctors.filter(pk=terms.employee_id)
    elif terms.position:
        doctors = doctors.filter(position=terms.position)
    if not doctors.exists():
        raise ServiceNotOffered


def _check_visit(entry: Entry) -> None:
    visit = entry.earlier_than
    if visit is None:
        return
    if (visit.patient_id, visit.service_id) != (entry.patient_id, entry.service_id):
        raise WrongVisit
    if visit.status not in UPCOMING:
        raise NotUpcoming


def _refuse_second(entry: Entry) -> None:
    """The patient is held, so that the later of two requests is told; the index insists."""
    waiting = Entry.objects.filter(
        patient=entry.patient_id, service=entry.service_id, status=EntryStatus.WAITING
    ).first()
    if waiting is not None:
        raise AlreadyWaiting(entry_id=waiting.pk)
