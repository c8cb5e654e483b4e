"""What a notice about a visit said, and whether it is still true when its turn comes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from appointments.models import UPCOMING, Appointment, AppointmentStatus


@dataclass(frozen=True, kw_only=True)
class NoticeMark:
    """What a message about a visit keeps of it (`Message.subject_mark`).

    `at` is the start of the visit that the text is about; `known_at` the start that the patient
    knew of before it, of a delay the one that he was told to expect.
    """

    kind: str
    at: datetime
    known_at: datetime | None = None

    def __str__(self) -> str:
        moments = [self.at] if self.known_at is None else [self.at, self.known_at]
        return " ".join([self.kind, *(str(int(moment.timestamp())) for moment in moments)])


def read_mark(text: str) -> NoticeMark:
    """Return the mark that `str` wrote."""
    kind, *moments = text.split()
    at, *known = [datetime.fromtimestamp(int(moment), UTC) for moment in moments]
    return NoticeMark(kind=kind, at=at, known_at=known[0] if known else None)


def read_delay(text: str) -> timedelta:
    """Return of how long a delay a message told."""
    mark = read_mark(text)
    return (mark.known_at or mark.at) - mark.at


def find_reason_to_hold(*, appointment_id: int, mark: NoticeMark) -> str:
    """Return why a notice must not be sent any more, "" while it is true."""
    visit = Appointment.objects.get(pk=appointment_id)
    is_cancelled = visit.status == AppointmentStatus.CANCELLED
    if mark.kind == "cancelled":
        return "" if is_cancelled else "visit_restored"
    if is_cancelled:
        return "cancelled"
    if visit.starts_at != mark.at:
        return "moved"
    return "" if visit.status in UPCOMING else "visit_begun"
