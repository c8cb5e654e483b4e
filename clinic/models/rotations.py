from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from clinic.models.places import Branch
from clinic.models.staff import Employee

MOST_DAYS = 56
"""The longest cycle: eight weeks."""


class DateRange(Func):
    """`daterange(starts_on, ends_on, '[]')`: both days belong to it, no last day means for ever."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Rotation(models.Model):
    """How an employee's hours repeat at a branch: every `cycle_days` days, day 0 on `anchor_on`.

    7 is a week, 14 odd and even weeks, 4 two days on and two off. It holds from `starts_on` to
    `ends_on`, both included; two of one employee at one branch never hold on the same day. Shifts
    are filled in from it and stand by themselves then.
    """

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="rotations", verbose_name=_("employee")
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch")
    )
    cycle_days = models.PositiveSmallIntegerField(_("days in the cycle"))
    anchor_on = models.DateField(_("first day of the cycle"))
    starts_on = models.DateField(_("holds from"))
    ends_on = models.DateField(_("holds until"), null=True, blank=True)

    class Meta:
        verbose_name = _("rotation")
        verbose_name_plural = _("rotations")
        constraints = [
            models.CheckConstraint(
                condition=Q(cycle_days__gte=1, cycle_days__lte=MOST_DAYS), name="rotation_cycle"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="rotation_period",
                violation_error_message=_("The last day must not be before the first."),
            ),
            ExclusionConstraint(
                name="rotation_one_at_a_time",
                expressions=[
                    ("employee", RangeOperators.EQUAL),
                    ("branch", RangeOperators.EQUAL),
                    (
                        DateRange(
                            "starts_on",
                            "ends_on",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("The employee already has a rotation on these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.branch}"


class RotationDay(models.Model):
    """The hours of one day of the cycle (from 0) on the branch's clock; without a row it is free.

    The break divides it into two shifts.
    """

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="days")
    number = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()
    break_starts = models.TimeField(null=True)
    break_ends = models.TimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rotation", "number"], name="rotation_day_once"),
            models.CheckConstraint(
                condition=Q(number__lt=MOST_DAYS, starts__lt=F("ends")), name="rotation_day_hours"
            ),
            models.CheckConstraint(
                condition=Q(break_starts__isnull=True, break_ends__isnull=True)
                | Q(
                    break_starts__gt=F("starts"),
                    break_ends__gt=F("break_starts"),
                    ends__gt=F("break_ends"),
                ),
                name="rotation_day_break",
            ),
        ]


class RotationException(models.Model):
    """A day of an employee at a branch that is planned by hand: filling leaves it alone."""

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("exception from the rotation")
        verbose_name_plural = _("exceptions from the rotation")
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "branch", "on"], name="rotation_exception_once"
            )
        ]
