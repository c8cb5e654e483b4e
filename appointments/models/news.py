from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from appointments.models.booking import Appointment
from clinic.models import Employee


class NewsKind(models.TextChoices):
    """What changed in somebody's day."""

    BOOKED = "BOOKED", pgettext_lazy("news of the day", "booked")
    MOVED = "MOVED", pgettext_lazy("news of the day", "moved")
    MOVED_IN = "MOVED_IN", pgettext_lazy("news of the day", "moved to you")
    MOVED_AWAY = "MOVED_AWAY", pgettext_lazy("news of the day", "moved to a colleague")
    CANCELLED = "CANCELLED", pgettext_lazy("news of the day", "cancelled")
    ARRIVED = "ARRIVED", pgettext_lazy("news of the day", "has come")


class News(models.Model):
    """Something about today or tomorrow that its employee is told at once.

    `was_at` is the start before a move. One change of an appointment (`version`) is one piece of
    news. `seen_at` is when the employee closed it, `mailed_at` when it went out by e-mail.
    """

    Kind = NewsKind

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=NewsKind)
    version = models.PositiveIntegerField()
    was_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "employee", "kind", "version"], name="news_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=NewsKind.values), name="news_kind"),
        ]
        indexes = [
            models.Index(
                fields=["employee", "-id"], name="news_unseen", condition=Q(seen_at__isnull=True)
            ),
            models.Index(
                fields=["created_at"], name="news_unmailed", condition=Q(mailed_at__isnull=True)
            ),
        ]


class CalendarFeed(models.Model):
    """The secret address at which an employee's calendar reads his visits, one at a time.

    256 random bits, kept as a hash. Issued anew, the one before stops; taken back, the row goes.
    """

    employee = models.OneToOneField(Employee, on_delete=models.CASCADE, related_name="+")
    token_hash = models.BinaryField(unique=True, max_length=32)
    issued_at = models.DateTimeField()
