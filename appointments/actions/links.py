"""The patient's link to a visit lives as long as the visit is ahead, wherever it is moved."""

from datetime import datetime

from appointments.models import Appointment
from messaging.actions import issue_link, prolong_links
from messaging.models import LinkPurpose


def issue_visit_link(*, appointment: Appointment, now: datetime) -> str:
    """Return a new secret address of the visit, good until it ends."""
    return issue_link(
        purpose=LinkPurpose.APPOINTMENT,
        patient_id=appointment.patient_id,
        subject_id=appointment.pk,
        expires_at=max(appointment.ends_at, now),
        now=now,
    )


def keep_link_alive(*, appointment_id: int) -> None:
    """After a move to a later time the links that were sent before still open the visit."""
    appointment = Appointment.objects.get(pk=appointment_id)
    prolong_links(
        purpose=LinkPurpose.APPOINTMENT, subject_id=appointment.pk, until=appointment.ends_at
    )
