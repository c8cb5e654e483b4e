from datetime import timedelta
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models.places import Device, Room


class ServiceKind(models.TextChoices):
    CONSULTATION = "CONSULTATION", _("consultation")
    MASSAGE = "MASSAGE", _("massage")
    MANUAL_THERAPY = "MANUAL_THERAPY", _("manual therapy")
    EXERCISE = "EXERCISE", _("exercise therapy")
    DIAGNOSTICS = "DIAGNOSTICS", _("diagnostics")


class RepeatWith(models.TextChoices):
    """Whose earlier visit makes the next one a repeat visit."""

    DOCTOR = "DOCTOR", _("the same doctor")
    SPECIALTY = "SPECIALTY", _("any doctor of the same specialty")


class Service(models.Model):
    """A line of the price list, and the rules by which it is booked.

    It needs one of its `rooms` and one of its `devices`; where there are none, it needs none.
    `buffer_before` and `buffer_after` are work around the visit (preparing, cleaning): they occupy
    the employee, and room and device if `buffer_in_room`, never the patient. A patient books for
    himself only when `is_online`, no later than `notice` before the start and at most
    `horizon_days` calendar days ahead, and cancels or moves until `cancel_cutoff` before it;
    reception may do otherwise. `repeat_price` is that of a visit within `repeat_days` after a
    finished one of the same kind (`RepeatWith` says to whom).
    """

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
    devices = models.ManyToManyField(
        Device, blank=True, related_name="services", verbose_name=_("devices")
    )
    buffer_before = models.DurationField(
        _("preparation before the visit"),
        default=timedelta(0),
        db_default=timedelta(0),
        help_text=_("Occupies the employee, not the patient: 00:10:00 is ten minutes."),
    )
    buffer_after = models.DurationField(
        _("time after the visit"),
        default=timedelta(0),
        db_default=timedelta(0),
        help_text=_("To clean up or to write down: 00:10:00 is ten minutes."),
    )
    buffer_in_room = models.BooleanField(
        _("this time occupies room and device too"), default=False, db_default=False
    )
    is_online = models.BooleanField(
        _("patients book it themselves"),
        default=True,
        db_default=True,
        help_text=_("Otherwise only reception books it."),
    )
    notice = models.DurationField(
        _("book no later than"),
        default=timedelta(0),
        db_default=timedelta(0),
        help_text=_("How long before the start: 02:00:00 is two hours, “1 00:00:00” a day."),
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("days ahead it can be booked"),
        null=True,
        blank=True,
        help_text=_("Empty: as far as the schedule goes."),
    )
    cancel_cutoff = models.DurationField(
        _("patients cancel or move no later than"),
        default=timedelta(0),
        db_default=timedelta(0),
        help_text=_("How long before the start. After it the link asks to call."),
    )
    repeat_price = models.DecimalField(
        _("price of a repeat visit"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    repeat_days = models.PositiveSmallIntegerField(
        _("days within which a visit is a repeat one"), null=True, blank=True
    )
    repeat_with = models.CharField(
        _("a repeat visit is to"),
        max_length=10,
        choices=RepeatWith,
        default=RepeatWith.DOCTOR,
        db_default=RepeatWith.DOCTOR,
    )
    preparation = models.TextField(
        _("how to prepare"),
        max_length=1000,
        blank=True,
        db_default="",
        help_text=_("The patient reads it behind his link, a tap away from the first page."),
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
            models.CheckConstraint(
                condition=Q(
                    buffer_before__gte="00:00:00",
                    buffer_before__lte="04:00:00",
                    buffer_after__gte="00:00:00",
                    buffer_after__lte="04:00:00",
                ),
                name="service_buffers",
                violation_error_message=_("The time around a visit is at most four hours."),
            ),
            models.CheckConstraint(
                condition=Q(notice__gte="00:00:00", cancel_cutoff__gte="00:00:00"),
                name="service_notice",
                violation_error_message=_("Terms are counted back from the start: not below zero."),
            ),
            models.CheckConstraint(
                condition=Q(repeat_price__isnull=True, repeat_days__isnull=True)
                | Q(repeat_price__gte=0, repeat_days__gt=0),
                name="service_repeat",
                violation_error_message=_("A repeat price needs its number of days, and back."),
            ),
            models.CheckConstraint(
                condition=Q(repeat_with__in=RepeatWith.values), name="service_repeat_with"
            ),
        ]

    def __str__(self) -> str:
        return self.name
