from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    DateTimeRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.db import models
from django.db.models import DateTimeField, F, Func, Q
from django.utils.translation import gettext_lazy as _

from clinic.models.places import Branch
from clinic.models.rotations import Rotation
from clinic.models.staff import Employee


class TsTzRange(Func):
    """`tstzrange(starts_at, ends_at, '[)')`: the period of a row, for exclusion constraints."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Shifted(Func):
    """A moment column moved by an interval column, as the database can index it.

    Through UTC: `timestamptz + interval` depends on the session's zone, and what depends on a
    session is refused in generated columns.
    """

    output_field = DateTimeField()

    def __init__(self, moment: str, length: str, *, sign: str) -> None:
        super().__init__(
            moment,
            length,
            template="((%(expressions)s) AT TIME ZONE 'UTC')",
            arg_joiner=f" AT TIME ZONE 'UTC' {sign} ",
        )


def period(starts: str = "starts_at", ends: str = "ends_at") -> TsTzRange:
    """Return the half-open period of two columns as an expression."""
    return TsTzRange(starts, ends, RangeBoundary())


def period_with_buffers() -> TsTzRange:
    """Return the period of a row from `buffer_before` its start to `buffer_after` its end."""
    return TsTzRange(
        Shifted("starts_at", "buffer_before", sign="-"),
        Shifted("ends_at", "buffer_after", sign="+"),
        RangeBoundary(),
    )


class Shift(models.Model):
    """An interval in which an employee takes patients at a branch; two never overlap.

    `rotation` is what it was filled in from; whoever changes it by hand takes that away.
    """

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="shifts", verbose_name=_("employee")
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    rotation = models.ForeignKey(
        Rotation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="shifts",
    )

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
    UNPAID_LEAVE = "UNPAID_LEAVE", _("unpaid leave")
    PARENTAL_LEAVE = "PARENTAL_LEAVE", _("parental leave")
    BUSINESS_TRIP = "BUSINESS_TRIP", _("business trip")
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
