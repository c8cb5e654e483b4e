from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

MOST_AT_ONCE = 100
"""Visits that a room or a device may take at a time."""


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("Unknown time zone: %(name)s"), params={"name": name})


class Branch(models.Model):
    """A clinic address with a time zone of its own: every wall-clock rule is read there."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    city = models.CharField(_("city"), max_length=100)
    address = models.CharField(_("address"), max_length=200)
    phone = PhoneNumberField(_("phone"), blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="Europe/Moscow", validators=[check_time_zone]
    )
    opens_at = models.TimeField(_("opens at"))
    closes_at = models.TimeField(_("closes at"))
    directions = models.TextField(
        _("how to get there"),
        max_length=1000,
        blank=True,
        db_default="",
        help_text=_("For patients: the stop, the entrance, the floor, where to park."),
    )
    map_url = models.CharField(
        _("map"),
        max_length=300,
        blank=True,
        db_default="",
        validators=[URLValidator(schemes=["https"])],
        help_text=_("Address of a page with a map. The patient's page links to it."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="branch_hours",
                violation_error_message=_("The branch must close later than it opens."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Room(models.Model):
    """A place that `capacity` visits may occupy at a time: a cabinet one, a hall several."""

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="rooms", verbose_name=_("branch")
    )
    name = models.CharField(_("name"), max_length=100)
    capacity = models.PositiveSmallIntegerField(_("visits at once"), default=1, db_default=1)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.UniqueConstraint(fields=["branch", "name"], name="room_name_in_branch"),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=MOST_AT_ONCE),
                name="room_capacity",
                violation_error_message=_("From one visit at once to a hundred."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """A machine that a service needs besides a room; `capacity` visits may use it at a time."""

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="devices", verbose_name=_("branch")
    )
    name = models.CharField(_("name"), max_length=100)
    capacity = models.PositiveSmallIntegerField(_("visits at once"), default=1, db_default=1)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.UniqueConstraint(fields=["branch", "name"], name="device_name_in_branch"),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=MOST_AT_ONCE),
                name="device_capacity",
                violation_error_message=_("From one visit at once to a hundred."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
