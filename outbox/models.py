from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """A fact that happened, stored in the transaction that made it true and never changed.

    The events of one patient, newest first, are the timeline of the card; all of them are the
    audit of changes.
    """

    name = models.CharField(max_length=100)
    patient_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)  # a user; this room lies below the users'
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    payload = models.JSONField()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(
                fields=["patient_id", "-occurred_at", "-id"],
                name="event_timeline",
                condition=Q(patient_id__isnull=False),
            ),
            models.Index(fields=["name", "-occurred_at"], name="event_by_name"),
        ]


class DeliveryStatus(models.TextChoices):
    QUEUED = "QUEUED", _("queued")
    DONE = "DONE", _("done")
    DEAD = "DEAD", _("dead")


class Delivery(models.Model):
    """One event on its way to one handler."""

    Status = DeliveryStatus

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    handler = models.CharField(max_length=150)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="delivery_status"
            ),
        ]
        indexes = [
            models.Index(
                fields=["available_at", "id"], name="delivery_due", condition=Q(status="QUEUED")
            ),
            models.Index(
                fields=["status", "id"], name="delivery_open", condition=~Q(status="DONE")
            ),
        ]
