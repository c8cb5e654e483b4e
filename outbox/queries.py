from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from outbox.events import DomainEvent
from outbox.models import Delivery, DeliveryStatus, Event

STATES: dict[str, Q] = {
    "dead": Q(status=DeliveryStatus.DEAD),
    "trying": Q(status=DeliveryStatus.QUEUED, attempts__gt=0),
    "waiting": Q(status=DeliveryStatus.QUEUED, attempts=0),
}
"""What a delivery that is not done can be: given up, failing so far, or not yet tried."""


@dataclass(frozen=True, kw_only=True)
class DeliveryFigures:
    dead: int
    trying: int
    waiting: int


def list_deliveries(*, state: str) -> QuerySet[Delivery]:
    """Return the deliveries in a state (a key of `STATES`) with their events, oldest first."""
    return Delivery.objects.filter(STATES[state]).select_related("event").order_by("id")


def count_deliveries() -> DeliveryFigures:
    """Count what is not done, by state, in one statement."""
    counts = {name: Count("pk", filter=condition) for name, condition in STATES.items()}
    open_ones = Delivery.objects.exclude(status=DeliveryStatus.DONE)
    return DeliveryFigures(**open_ones.aggregate(**counts))


def get_longest_wait(*, now: datetime) -> timedelta:
    """Return for how long the oldest due delivery has waited; zero when none is due."""
    due = Delivery.objects.filter(status=DeliveryStatus.QUEUED, available_at__lte=now)
    oldest = due.aggregate(oldest=Min("available_at"))["oldest"]
    return now - (oldest or now)


def find_actor_id(event: DomainEvent) -> int | None:
    """Return the user who caused the newest such fact; None for the system or the patient."""
    stored = Event.objects.filter(
        name=event.name, patient_id=event.patient_id, payload=event.payload()
    )
    return stored.order_by("-id").values_list("actor_id", flat=True).first()
