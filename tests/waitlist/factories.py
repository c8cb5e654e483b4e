"""A list with people on it, and freed times for them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from appointments.actions import cancel_appointment
from appointments.models import Appointment
from clinic_crm.schedule import PERIODIC
from outbox.actions import deliver_next
from tests.factories import Clinic, make_appointment, make_patient
from waitlist.actions import WaitOrder, WaitTerms, join_waitlist, offer_next
from waitlist.models import Entry, Offer, OfferStatus, Opening

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)  # noon in Moscow, the day before `DAY`
CLOCK = timedelta(minutes=15)
UNTIL = date(2026, 12, 20)

_numbers = count(1)


def make_order(clinic: Clinic, **fields: Any) -> WaitOrder:
    """A wish for any time of the clinic's service; terms are given as if they were the order's."""
    names = set(WaitTerms.__dataclass_fields__)
    terms = {name: fields.pop(name) for name in names & set(fields)}
    defaults: dict[str, Any] = {
        "patient_id": clinic.patient.pk,
        "service_id": clinic.service.pk,
        "terms": WaitTerms(**{"until_on": UNTIL} | terms),
        "key": f"wait-{next(_numbers)}",
    }
    return WaitOrder(**defaults | fields)


def make_entry(clinic: Clinic, *, since: datetime = NOW, **fields: Any) -> Entry:
    """Somebody who waits since then: a patient of his own with a phone unless one is given."""
    if "patient_id" not in fields:
        number = next(_numbers)
        fields["patient_id"] = make_patient(phone=f"+7916{number:07}").pk
    return join_waitlist(order=make_order(clinic, **fields), actor_id=None, now=since)


def free(clinic: Clinic, clock: str = "12:00", *, now: datetime = NOW, **fields: Any) -> Opening:
    """Book somebody and cancel him; return the freed time."""
    fields.setdefault("patient", make_patient())
    visit = make_appointment(clinic, clock, **fields)
    cancel(visit, now=now)
    return Opening.objects.get(appointment=visit)


def cancel(visit: Appointment, *, reason: str = "ILLNESS", now: datetime = NOW) -> None:
    cancel_appointment(
        appointment_id=visit.pk, reason=reason, by_patient=False, actor_id=None, now=now
    )
    deliver_all(now=now)


def deliver_all(*, now: datetime = NOW) -> None:
    """Hand out all news, of which some make more."""
    while deliver_next(now=now):
        pass


def offer_all(*, now: datetime = NOW) -> list[Offer]:
    """Offer whatever is due; return the offers that wait for an answer."""
    while offer_next(now=now):
        pass
    return list(
        Offer.objects.filter(status=OfferStatus.PENDING)
        .select_related("entry__patient", "opening")
        .order_by("pk")
    )


def tick(*, now: datetime, names: tuple[str, ...] = ("outbox.deliver", "waitlist")) -> None:
    """Run the work of the schedule that begins with these names, until nothing is left."""
    done = 1
    while done:
        done = sum(entry.run(now, 60) for entry in PERIODIC if entry.name.startswith(names))


def the_offer() -> Offer:
    """Return the only offer there is."""
    return Offer.objects.select_related("entry__patient", "opening").get()
