"""The visit behind a patient's link: one page for all its services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appointments.models import UPCOMING, Appointment, AppointmentStatus
from appointments.queries.bundles import list_bundle
from messaging.models import LinkPurpose
from messaging.queries import open_link


@dataclass(frozen=True, kw_only=True)
class LinkedVisit:
    """`rows` are all services of the visit by time, the cancelled ones included."""

    rows: Sequence[Appointment]

    @property
    def standing(self) -> Sequence[Appointment]:
        """What was not cancelled."""
        return [row for row in self.rows if row.status != AppointmentStatus.CANCELLED]

    @property
    def ahead(self) -> Sequence[Appointment]:
        """What can still be confirmed, moved or cancelled."""
        return [row for row in self.rows if row.status in UPCOMING]

    @property
    def lead(self) -> Appointment:
        """The service by whose start the patient knows the visit."""
        return [*self.ahead, *self.standing, *self.rows][0]

    @property
    def is_cancelled(self) -> bool:
        return not self.standing

    @property
    def is_confirmed(self) -> bool:
        return all(row.status == AppointmentStatus.CONFIRMED for row in self.ahead)

    @property
    def wants_move(self) -> bool:
        return any(row.wants_move for row in self.ahead)

    def is_open(self, *, now: datetime) -> bool:
        """Whether the time of the visit is still to come."""
        return bool(self.ahead) and self.lead.starts_at > now


def get_linked_visit(*, token: str, now: datetime) -> LinkedVisit:
    """Return the visit of a live link. Changes nothing. Raises `LinkInvalid`."""
    link = open_link(token=token, purpose=LinkPurpose.APPOINTMENT, now=now)
    return LinkedVisit(rows=list_bundle(appointment_id=link.subject_id))
