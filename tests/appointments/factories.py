from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from appointments.actions import BookingOrder
from appointments.models import Appointment
from messaging.actions import issue_link
from messaging.models import LinkPurpose
from tests.factories import Clinic

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)  # noon in Moscow, the day before `DAY`

_numbers = count(1)


def make_order(clinic: Clinic, clock: str = "10:00", **fields: Any) -> BookingOrder:
    defaults: dict[str, Any] = {
        "patient_id": clinic.patient.pk,
        "service_id": clinic.service.pk,
        "employee_id": clinic.doctor.pk,
        "branch_id": clinic.branch.pk,
        "starts_at": clinic.at(clock),
        "key": f"order-{next(_numbers)}",
    }
    return BookingOrder(**defaults | fields)


def open_door(made: Appointment, *, expires_at: datetime | None = None) -> str:
    """Return the path of a new patient's link to the visit."""
    address = issue_link(
        purpose=LinkPurpose.APPOINTMENT,
        patient_id=made.patient_id,
        subject_id=made.pk,
        expires_at=expires_at,
        now=NOW,
    )
    return urlsplit(address).path
