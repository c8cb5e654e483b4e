"""Who is being booked, and what reception should know and say before it books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from appointments.models import Appointment, PatientTotals
from appointments.queries import PrepayRule, find_prepay_rule, list_upcoming
from clinic.models import User
from packages.queries import Holding, list_usable_holdings
from patients.models import Channel, Patient
from patients.queries import access_patient, find_address, list_consents
from prescriptions.queries import CountedLine, list_open_lines


@dataclass(frozen=True, kw_only=True)
class Guest:
    """The chosen patient. `debt` is roubles; `gaps` are the consents that nobody has asked for.

    `rule` says why he pays ahead, None when he need not.

    `lines` are those of his courses of which a session is still to be booked.
    """

    patient: Patient
    phone: str
    no_shows: int
    rule: PrepayRule | None
    debt: Decimal
    gaps: Sequence[str]
    lines: "Sequence[CountedLine]"
    upcoming: Sequence[Appointment]
    packages: Sequence[Holding]


def access_guest(*, actor: User, patient_id: int, now: datetime) -> Guest:
    """Find the patient and all that the dialog of booking says about him.

    Raises as `access_patient`.
    """
    patient = access_patient(actor=actor, patient_id=patient_id)
    totals = PatientTotals.objects.filter(pk=patient.pk).first() or PatientTotals(pk=patient.pk)
    return Guest(
        patient=patient,
        phone=find_address(patient=patient, channel=Channel.SMS) or "",
        no_shows=totals.no_shows,
        rule=find_prepay_rule(patient_id=patient.pk, now=now) if totals.no_shows else None,
        debt=totals.debt,
        gaps=[state.label for state in list_consents(patient_id=patient.pk) if state.at is None],
        lines=[line for line in list_open_lines(patient_id=patient.pk) if line.missing],
        upcoming=list_upcoming(patient_id=patient.pk, now=now),
        packages=list_usable_holdings(patient_id=patient.pk, now=now),
    )
