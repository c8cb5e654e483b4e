from datetime import time
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    DateTimeRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class TsTzRange(Func):
    """`tstzrange(starts_at, ends_at, '[)')`: the period of a row, for exclusion constraints."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


def period(starts: str = "starts_at", ends: str = "ends_at") -> TsTzRange:
    """Return the half-open period of two columns as an expression."""
    return TsTzRange(starts, ends, RangeBoundary())


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("Unknown time zone: %(name)s"), params={"name": name})


class Role(models.TextChoices):
    ADMINISTRATOR = "ADMINISTRATOR", _("administrator")
    DOCTOR = "DOCTOR", _("doctor")
    MARKETER = "MARKETER", _("marketer")
    MANAGER = "MANAGER", _("manager")


class User(AbstractUser):
    """Someone who signs in. What they may open follows from `role`; without one, nothing."""

    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True)

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["", *Role.values]), name="user_role"),
        ]


class Integration(models.Model):
    """Another system that calls the API: an account with a role of its own, and one token.

    Only the hash of the token is kept (`clinic.tokens`): it is shown once, when it is issued.
    What the system does stands in the events and the journal under its account.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    user = models.OneToOneField(
        User, on_delete=models.PROTECT, related_name="integration", verbose_name=_("user")
    )
    token_hash = models.BinaryField(unique=True, max_length=32)
    issued_at = models.DateTimeField(_("token issued"))
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")

    def __str__(self) -> str:
        return self.name


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


class ServiceKind(models.TextChoices):
    CONSULTATION = "CONSULTATION", _("consultation")
    MASSAGE = "MASSAGE", _("massage")
    MANUAL_THERAPY = "MANUAL_THERAPY", _("manual therapy")
    EXERCISE = "EXERCISE", _("exercise therapy")
    DIAGNOSTICS = "DIAGNOSTICS", _("diagnostics")


class Service(models.Model):
    """A line of the price list. `rooms` empty: it needs no room of its own."""

    Kind = ServiceKind

    name = models.CharField(_("name"), max_length=150, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=ServiceKind)
    duration = models.DurationField(_("duration"))
    price = models.DecimalField(
        _("price"),
        max_digits=10,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
    )
    rooms = models.ManyToManyField(
        Room, blank=True, related_name="services", verbose_name=_("rooms")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="service_price"),
            models.CheckConstraint(
                condition=Q(duration__gt="00:00:00", duration__lte="12:00:00"),
                name="service_duration",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ServiceKind.values),
                name="service_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Employee(models.Model):
    """Anyone on the staff. Whoever has `services` takes appointments."""

    user = models.OneToOneField(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="employee",
        verbose_name=_("user"),
    )
    last_name = models.CharField(_("last name"), max_length=100)
    first_name = models.CharField(_("first name"), max_length=100)
    middle_name = models.CharField(_("middle name"), max_length=100, blank=True)
    position = models.CharField(_("position"), max_length=100)
    email = models.EmailField(_("e-mail"), blank=True)
    branches = models.ManyToManyField(Branch, related_name="employees", verbose_name=_("branches"))
    services = models.ManyToManyField(
        Service, blank=True, related_name="employees", verbose_name=_("services")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("employee")
        verbose_name_plural = _("employees")

    def __str__(self) -> str:
        return self.short_name

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, [self.last_name, self.first_name, self.middle_name]))

    @property
    def short_name(self) -> str:
        """Surname and initials: «Соколов Д. А.»."""
        initials = [f"{name[0]}." for name in (self.first_name, self.middle_name) if name]
        return " ".join([self.last_name, *initials])


class Shift(models.Model):
    """An interval in which an employee takes patients at a branch; two never overlap."""

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="shifts", verbose_name=_("employee")
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="shift_period",
                violation_error_message=_("The end must be later than the beginning."),
            ),
            ExclusionConstraint(
                name="shift_no_overlap",
                expressions=[
                    ("employee", RangeOperators.EQUAL),
                    (period(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The employee already has a shift at this time."),
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "starts_at"], name="shift_by_branch"),
            models.Index(fields=["employee", "starts_at"], name="shift_by_employee"),
        ]


class TimeOffKind(models.TextChoices):
    VACATION = "VACATION", _("vacation")
    SICK_LEAVE = "SICK_LEAVE", _("sick leave")
    TRAINING = "TRAINING", _("training")
    BREAK = "BREAK", _("break")


class TimeOff(models.Model):
    """Vacation, sick leave or training: it cuts the shifts it covers."""

    Kind = TimeOffKind

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="times_off", verbose_name=_("employee")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=TimeOffKind)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("times off")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="time_off_period",
                violation_error_message=_("The end must be later than the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TimeOffKind.values),
                name="time_off_kind",
            ),
        ]
        indexes = [models.Index(fields=["employee", "starts_at"], name="time_off_by_employee")]


class Setting(models.Model):
    """What the clinic decides for itself, one row in all: money limits, hours, promises."""

    points_share = models.DecimalField(
        _("largest share of a bill payable with points"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.30"),
    )
    marketing_from = models.TimeField(_("marketing not before"), default=time(10))
    marketing_until = models.TimeField(_("marketing not after"), default=time(20))
    case_term_hours = models.PositiveSmallIntegerField(
        _("hours to answer an unhappy patient"), default=24
    )
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    license = models.CharField(_("license"), max_length=200, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=12, blank=True)

    class Meta:
        verbose_name = _("clinic settings")
        verbose_name_plural = _("clinic settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="setting_single_row"),
            models.CheckConstraint(
                condition=Q(points_share__gte=0, points_share__lte=1), name="setting_points_share"
            ),
            models.CheckConstraint(
                condition=Q(marketing_from__lt=F("marketing_until")), name="setting_marketing_hours"
            ),
        ]

    def __str__(self) -> str:
        return str(_("clinic settings"))

    @classmethod
    def load(cls) -> "Setting":
        """Return the one row, the defaults where the clinic has not decided yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
