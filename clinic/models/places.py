from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


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
    """A place or a device that one service occupies at a time."""

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="rooms", verbose_name=_("branch")
    )
    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.UniqueConstraint(fields=["branch", "name"], name="room_name_in_branch"),
        ]

    def __str__(self) -> str:
        return self.name
