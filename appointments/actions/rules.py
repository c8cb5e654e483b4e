"""What a service asks of those who book it: notice, horizon, by reception only, cut-off."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from appointments.actions.refusals import DeskOnly, TooFar, TooSoon
from appointments.models import Appointment
from appointments.queries import Wish, find_prepay_rule
from clinic.days import today_at
from clinic.formats import format_duration, format_phone
from clinic.models import Branch, Service
from outbox.errors import Refused


class CutoffPassed(Refused):
    code = "cutoff_passed"
    message = gettext_lazy("It is too late to change the visit here. Please call the clinic.")


class PrepaymentNeeded(Refused):
    """The clinic asks this patient to pay ahead, and only reception can take the money."""

    code = "prepayment_needed"
    message = gettext_lazy("Please call the clinic to book: a prepayment is needed.")


def check_prepayment(*, patient_id: int, branch_id: int, by_patient: bool, now: datetime) -> None:
    """Raise `PrepaymentNeeded` for a patient who books himself after too many no-shows.

    Reception is told of the rule in its dialog and books.
    """
    if not by_patient or find_prepay_rule(patient_id=patient_id, now=now) is None:
        return
    phone = format_phone(Branch.objects.get(pk=branch_id).phone)
    if not phone:
        raise PrepaymentNeeded
    told = _("Please call the clinic to book: a prepayment is needed. %(phone)s.")
    raise PrepaymentNeeded(told % {"phone": phone})


def check_rules(wish: Wish, service: Service, *, now: datetime) -> None:
    """Ask the rules of the service. Raises `DeskOnly`, `TooSoon`, `TooFar`.

    They bind patients; reception is told of them once and may waive them.
    """
    if wish.by_patient and not service.is_online:
        raise DeskOnly
    if wish.waived and not wish.by_patient:
        return
    if service.notice and wish.starts_at < now + service.notice:
        asked = _("This service is booked at least %(notice)s ahead. Choose a later time.")
        raise TooSoon(asked % {"notice": format_duration(service.notice)})
    if service.horizon_days is not None:
        branch = Branch.objects.get(pk=wish.branch_id)
        last_on = today_at(branch, now=now) + timedelta(days=service.horizon_days)
        if wish.starts_at.astimezone(branch.zone).date() > last_on:
            asked = ngettext(
                "This service is booked at most %(days)d day ahead. Choose an earlier time.",
                "This service is booked at most %(days)d days ahead. Choose an earlier time.",
                service.horizon_days,
            )
            raise TooFar(asked % {"days": service.horizon_days})


def is_past_cutoff(appointment: Appointment, *, now: datetime) -> bool:
    """Say whether the patient is too late to cancel or move by himself."""
    return now > appointment.starts_at - appointment.service.cancel_cutoff


def check_cutoff(appointment: Appointment, *, now: datetime) -> None:
    """Raise `CutoffPassed`, with the phone of the branch, when the patient is too late."""
    if not is_past_cutoff(appointment, now=now):
        return
    phone = format_phone(appointment.branch.phone)
    if not phone:
        raise CutoffPassed
    told = _("It is too late to change the visit here. Please call the clinic: %(phone)s.")
    raise CutoffPassed(told % {"phone": phone}, phone=str(appointment.branch.phone))
