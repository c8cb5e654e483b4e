import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from outbox.errors import Refused
from outbox.events import EVENTS, HANDLERS, DomainEvent
from outbox.models import Delivery, Event

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(hours=1)
KEPT_FOR = timedelta(days=30)


class NotDead(Refused):
    code = "delivery_not_dead"
    message = _("This delivery is still being tried or is already done.")


class OutsideTransaction(RuntimeError):
    """An event was recorded with no transaction open: it could survive its own cause."""


def record_event(event: DomainEvent, *, actor_id: int | None, now: datetime) -> Event:
    """Store the fact and one delivery per handler, in the caller's transaction.

    `actor_id` is the user who caused it, None for the system or the patient. Raises
    `OutsideTransaction` when the caller has no transaction open.
    """
    (stored,) = record_events([event], actor_id=actor_id, now=now)
    return stored


def record_events(
    events: Sequence[DomainEvent], *, actor_id: int | None, now: datetime
) -> list[Event]:
    """Store many facts of one moment in two statements."""
    if events and not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(events[0].name)
    stored = Event.objects.bulk_create(
        Event(
            name=event.name,
            patient_id=event.patient_id,
            actor_id=actor_id,
            occurred_at=now,
            payload=event.payload(),
        )
        for event in events
    )
    Delivery.objects.bulk_create(
        Delivery(event=row, handler=path, available_at=now)
        for row in stored
        for path in sorted(HANDLERS.get(row.name, {}))
    )
    return stored


def deliver_next(*, now: datetime) -> bool:
    """Run one due delivery; return False when nothing is due.

    The handler's writes and DONE commit together. A handler that fails is rolled back alone and
    tried again after 2, 4, 8 … seconds, at most an hour apart; after `MAX_ATTEMPTS` it is DEAD
    and waits for a person. Only the class of the error is kept: its text may quote a patient.
    """
    with transaction.atomic(durable=True):
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("event")
            .filter(status=Delivery.Status.QUEUED, available_at__lte=now)
            .order_by("available_at", "id")
            .first()
        )
        if delivery is None:
            return False
        delivery.attempts += 1
        try:
            with transaction.atomic():
                _handle(delivery, now=now)
        except Exception as error:  # noqa: BLE001 — one bad handler must not stop the queue
            _postpone(delivery, error=error, now=now)
        else:
            delivery.status, delivery.finished_at = Delivery.Status.DONE, now
            delivery.last_error = ""
        delivery.save(
            update_fields=["status", "attempts", "available_at", "finished_at", "last_error"]
        )
    return True


def _handle(delivery: Delivery, *, now: datetime) -> None:
    stored = delivery.event
    event = EVENTS[stored.name](patient_id=stored.patient_id, **stored.payload)
    HANDLERS[stored.name][delivery.handler](event, now)


def _postpone(delivery: Delivery, *, error: Exception, now: datetime) -> None:
    kind = type(error).__qualname__
    logger.error("Delivery %s failed in %s: %s", delivery.pk, delivery.handler, kind)
    delivery.last_error = kind
    delivery.available_at = now + min(timedelta(seconds=2**delivery.attempts), LONGEST_PAUSE)
    if delivery.attempts >= MAX_ATTEMPTS:
        delivery.status = Delivery.Status.DEAD


@transaction.atomic
def retry_delivery(*, delivery_id: int, now: datetime) -> Delivery:
    """Give a dead delivery a fresh set of attempts. Raises `NotDead`."""
    delivery = Delivery.objects.select_for_update(of=("self",), no_key=True).get(pk=delivery_id)
    if delivery.status != Delivery.Status.DEAD:
        raise NotDead
    delivery.status, delivery.attempts, delivery.available_at = Delivery.Status.QUEUED, 0, now
    delivery.save(update_fields=["status", "attempts", "available_at"])
    return delivery


@transaction.atomic
def retry_dead_deliveries(*, now: datetime) -> int:
    """Give every dead delivery a fresh set of attempts; return how many there were."""
    return Delivery.objects.filter(status=Delivery.Status.DEAD).update(
        status=Delivery.Status.QUEUED, attempts=0, available_at=now
    )


def forget_delivered(*, now: datetime) -> int:
    """Delete deliveries done a month ago; the events stay. Returns how many went."""
    deleted, _rows = Delivery.objects.filter(
        status=Delivery.Status.DONE, finished_at__lt=now - KEPT_FOR
    ).delete()
    return deleted
