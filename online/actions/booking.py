"""The booking itself: who it is is found out only after the code, and nobody is told."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from appointments.actions import BookingOrder, NotFree, SlotInPast, book_appointment
from appointments.models import Appointment
from clinic.names import fold
from intake.actions import RequestOrder, book_request, link_booking, receive_request
from intake.models import RequestKind
from online.actions.attempts import is_proved
from online.models import Attempt, OnlineSetting, Party
from outbox.errors import Refused
from patients.actions import ConsentAnswer, add_patient, record_answers
from patients.details import ContactDetails, PatientDetails
from patients.models import (
    Channel,
    ConsentOrigin,
    ConsentPurpose,
    ContactKind,
    ContactOwner,
    Patient,
    Source,
)

SOURCE_CODE = "online"
SOURCE_NAME = gettext_noop("Online booking")
OWNERS = {
    Party.SELF: ContactOwner.OWN,
    Party.CHILD: ContactOwner.GUARDIAN,
    Party.RELATIVE: ContactOwner.RELATIVE,
}


class NotProved(Refused):
    code = "not_proved"
    status = 403
    message = gettext_lazy("Confirm your phone with the code first.")


class TimeGone(Refused):
    """Whatever stands in the way: that somebody is booked elsewhere is nobody else's business."""

    code = "time_gone"
    message = gettext_lazy(
        "This time has just been taken. Choose another one: what you have written stays."
    )


def book_attempt(*, attempt_id: int, ip: str | None, now: datetime) -> Appointment:
    """Book the chosen time for whom the visitor named, or return what he has booked already.

    The card is the one with this phone, the same name and no other birth date; where none or
    several fit, a new one. All or nothing. Raises `NotProved`, `TimeGone`.
    """
    try:
        return _book(attempt_id, ip, now=now)
    except (NotFree, SlotInPast) as refusal:
        raise TimeGone from refusal


@transaction.atomic
def _book(attempt_id: int, ip: str | None, *, now: datetime) -> Appointment:
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt_id)
    if attempt.appointment is not None:
        return attempt.appointment
    if not is_proved(attempt, now=now) or not attempt.data_consent:
        raise NotProved
    _queue_up(attempt.contact)
    patient = _find_patient(attempt) or _add_patient(attempt, now=now)
    order = BookingOrder(
        patient_id=patient.pk,
        service_id=attempt.service_id,
        employee_id=attempt.employee_id,
        branch_id=attempt.branch_id,
        starts_at=attempt.starts_at,
        key=attempt.key,
        source_id=_find_source(attempt).pk,
        note=_describe_booker(attempt),
        by_patient=True,
    )
    appointment = book_appointment(order=order, actor_id=None, now=now)
    record_answers(
        patient_id=patient.pk,
        answers=_list_answers(attempt),
        origin=ConsentOrigin.ONLINE,
        actor_id=None,
        ip=ip,
        now=now,
    )
    _tell_the_funnel(attempt, appointment, now=now)
    attempt.appointment = appointment
    attempt.save(update_fields=["appointment"])
    return appointment


def _queue_up(contact: str) -> None:
    """Two bookings from one phone at once must not make two cards of one person."""
    with connection.cursor() as cursor:
        name = f"online:person:{contact}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _find_patient(attempt: Attempt) -> Patient | None:
    """A family shares a phone, so the name must be the same, and no birth date another one."""
    owners = Patient.objects.filter(contacts__value=attempt.contact).distinct()
    given = _names(attempt.last_name, attempt.first_name)
    same = [
        patient
        for patient in owners
        if _names(patient.last_name, patient.first_name) == given
        and patient.birth_on in {None, attempt.birth_on}
        and _agree(patient.middle_name, attempt.middle_name)
    ]
    return same[0] if len(same) == 1 else None


def _names(last: str, first: str) -> tuple[str, str]:
    return fold(last), fold(first)


def _agree(known: str, given: str) -> bool:
    return not known or not given or fold(known) == fold(given)


def _add_patient(attempt: Attempt, *, now: datetime) -> Patient:
    owner = OWNERS[Party(attempt.party)]
    contacts = [
        ContactDetails(kind=kind, value=value, owner=owner)
        for kind, value in (
            (ContactKind.PHONE, attempt.phone),
            (ContactKind.EMAIL, attempt.email),
        )
        if value
    ]
    details = PatientDetails(
        last_name=attempt.last_name,
        first_name=attempt.first_name,
        middle_name=attempt.middle_name,
        birth_on=attempt.birth_on,
        branch_id=attempt.branch_id,
        source_id=_find_source(attempt).pk,
        channel=Channel.SMS if attempt.contact == attempt.phone else Channel.EMAIL,
        language=attempt.language,
        contacts=contacts,
    )
    return add_patient(details=details, actor_id=None, now=now)


def _find_source(attempt: Attempt) -> Source:
    """The advertisement's when the clinic knows it, else the one set for online booking."""
    marked = attempt.utm.get("utm_source", "")
    known = Source.objects.filter(code=marked, is_active=True).first() if marked else None
    chosen = known or OnlineSetting.load().source
    if chosen is not None:
        return chosen
    with translation.override(settings.LANGUAGE_CODE):
        name = _(SOURCE_NAME)
    source, _is_new = Source.objects.get_or_create(code=SOURCE_CODE, defaults={"name": name})
    return source


def _describe_booker(attempt: Attempt) -> str:
    """What reception reads on the board, in the clinic's language."""
    if attempt.party == Party.SELF:
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        if attempt.party == Party.CHILD:
            return _("Booked online by a parent: %(name)s") % {"name": attempt.booker}
        return _("Booked online by a relative: %(name)s") % {"name": attempt.booker}


def _list_answers(attempt: Attempt) -> list[ConsentAnswer]:
    """A tick that was not set is no answer: it withdraws nothing."""
    answers = [
        ConsentAnswer(
            purpose=ConsentPurpose.PERSONAL_DATA,
            channel="",
            is_given=True,
            text=attempt.data_consent,
        )
    ]
    if attempt.news_consent:
        channel = Channel.SMS if attempt.contact == attempt.phone else Channel.EMAIL
        answers.append(
            ConsentAnswer(
                purpose=ConsentPurpose.MARKETING,
                channel=channel,
                is_given=True,
                text=attempt.news_consent,
            )
        )
    return answers


def _tell_the_funnel(attempt: Attempt, appointment: Appointment, *, now: datetime) -> None:
    """The booking answers the request that waits for it, else it is a request of its own."""
    if link_booking(appointment_id=appointment.pk, now=now) is not None:
        return
    order = RequestOrder(
        key=attempt.key,
        kind=RequestKind.FORM,
        name=f"{attempt.last_name} {attempt.first_name}",
        phone=attempt.phone,
        patient_id=appointment.patient_id,
        branch_id=attempt.branch_id,
        source_id=appointment.source_id,
        service_id=attempt.service_id,
        utm=attempt.utm,
    )
    request = receive_request(order=order, actor_id=None, now=now)
    book_request(request_id=request.pk, appointment_id=appointment.pk, actor_id=None, now=now)
