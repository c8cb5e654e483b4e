from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models.hours import period
from clinic.models.places import Branch, Device, Room


class BranchDayKind(models.TextChoices):
    CLOSED = "CLOSED", pgettext_lazy("day of a branch", "closed")
    SHORT = "SHORT", pgettext_lazy("day of a branch", "other hours")
    OPEN = "OPEN", pgettext_lazy("day of a branch", "open as usual")


class BranchDay(models.Model):
    """What the clinic decided about a day of a branch, most often a public holiday.

    CLOSED: nobody is seen; SHORT: from `opens_at` to `closes_at` instead of the branch's hours.
    OPEN only says that the holiday has been thought of.
    """

    Kind = BranchDayKind

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="days")
    on = models.DateField(_("day"))
    kind = models.CharField(_("decision"), max_length=10, choices=BranchDayKind)
    opens_at = models.TimeField(_("opens at"), null=True, blank=True)
    closes_at = models.TimeField(_("closes at"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        constraints = [
            models.UniqueConstraint(fields=["branch", "on"], name="branch_day_once"),
            models.CheckConstraint(
                condition=Q(kind__in=BranchDayKind.values), name="branch_day_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="SHORT", opens_at__lt=F("closes_at"))
                | (~Q(kind="SHORT") & Q(opens_at__isnull=True, closes_at__isnull=True)),
                name="branch_day_hours",
                violation_error_message=_("Hours are told for a day with other hours only."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.branch}, {self.on}"


class Closure(models.Model):
    """A room or a device that is out of service for a time: nothing is booked into it."""

    room = models.ForeignKey(
        Room,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="closures",
        verbose_name=_("room"),
    )
    device = models.ForeignKey(
        Device,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="closures",
        verbose_name=_("device"),
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="closure_period",
                violation_error_message=_("The end must be later than the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(room__isnull=False, device__isnull=True)
                | Q(room__isnull=True, device__isnull=False),
                name="closure_of_one_thing",
                violation_error_message=_("Choose a room or a device."),
            ),
            *(
                ExclusionConstraint(
                    name=f"closure_once_per_{thing}",
                    expressions=[
                        (thing, RangeOperators.EQUAL),
                        (period(), RangeOperators.OVERLAPS),
                    ],
                    condition=Q(**{f"{thing}__isnull": False}),
                    violation_error_message=_("It is already closed at this time."),
                )
                for thing in ("room", "device")
            ),
        ]

    @property
    def thing(self) -> Room | Device:
        """What is closed."""
        found = self.room or self.device
        if found is None:
            raise ValueError("a closure of nothing")
        return found
