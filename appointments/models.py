from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Device, Employee, Room, Service, period, period_with_buffers
from patients.models import Patient, Source


class AppointmentStatus(models.TextChoices):
    BOOKED = "BOOKED", pgettext_lazy("appointment", "booked")
    CONFIRMED = "CONFIRMED", pgettext_lazy("appointment", "confirmed")
    ARRIVED = "ARRIVED", pgettext_lazy("appointment", "arrived")
    IN_PROGRESS = "IN_PROGRESS", pgettext_lazy("appointment", "in progress")
    DONE = "DONE", pgettext_lazy("appointment", "done")
    CANCELLED = "CANCELLED", pgettext_lazy("appointment", "cancelled")
    NO_SHOW = "NO_SHOW", pgettext_lazy("appointment", "did not come")


LIVE = ("BOOKED", "CONFIRMED", "ARRIVED", "IN_PROGRESS", "DONE")
"""Statuses that occupy the employee, the room and the patient."""

SUBJECT_KIND = "appointments.appointment"
"""How tasks and messages say that they are about an appointment."""

UPCOMING = ("BOOKED", "CONFIRMED")
"""Statuses of a visit that has not begun: it can be moved, cancelled, reminded."""

ALLOWED_MOVES: dict[str, frozenset[str]] = {
    "BOOKED": frozenset({"CONFIRMED", "ARRIVED", "CANCELLED", "NO_SHOW"}),
    "CONFIRMED": frozenset({"BOOKED", "ARRIVED", "CANCELLED", "NO_SHOW"}),
    "ARRIVED": frozenset({"IN_PROGRESS", "DONE", "BOOKED", "CONFIRMED"}),
    "IN_PROGRESS": frozenset({"DONE", "ARRIVED"}),
    "DONE": frozenset({"IN_PROGRESS"}),
    "CANCELLED": frozenset({"BOOKED"}),
    "NO_SHOW": frozenset({"BOOKED", "ARRIVED"}),
}
"""Which status may follow which. Back steps undo a mis-click; DONE goes back only while no
money is on the visit (`reopen_visit`)."""


class CancelReason(models.TextChoices):
    PATIENT_ASKED = "PATIENT_ASKED", pgettext_lazy("appointment", "the patient asked")
    ILLNESS = "ILLNESS", pgettext_lazy("appointment", "the patient fell ill")
    EXPENSIVE = "EXPENSIVE", pgettext_lazy("appointment", "too expensive")
    WENT_ELSEWHERE = "WENT_ELSEWHERE", pgettext_lazy("appointment", "went to another clinic")
    DOCTOR_ABSENT = "DOCTOR_ABSENT", pgettext_lazy("appointment", "the doctor is absent")
    MISTAKE = "MISTAKE", pgettext_lazy("appointment", "booked by mistake")
    BY_LINK = "BY_LINK", pgettext_lazy("appointment", "cancelled by the link")
    OTHER = "OTHER", pgettext_lazy("appointment", "other")


class Appointment(models.Model):
    """A booked interval of a patient with an employee for one service.

    Nobody and nothing is booked twice: exclusion constraints hold for the statuses in `LIVE`. The
    patient is taken from `starts_at` to `ends_at`; the employee with the buffers around that
    (`occupied`), room and device too if `buffer_in_room` (`room_occupied`). The database computes
    both. A room or device for several visits at once has numbered places, and a visit takes one of
    them (`room_unit`, `device_unit`, from 1).
    `version` grows with every change; a caller that shows it back proves that it saw the newest
    state (stale drags are refused). `price` is what was quoted at booking. `key` makes a
    repeated request the same booking, and `digest` tells a repeat from another order with the
    same key.
    """

    Status = AppointmentStatus

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, related_name="+")
    room_unit = models.PositiveSmallIntegerField(default=1, db_default=1)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    device_unit = models.PositiveSmallIntegerField(default=1, db_default=1)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    buffer_before = models.DurationField(default=timedelta(0), db_default=timedelta(0))
    buffer_after = models.DurationField(default=timedelta(0), db_default=timedelta(0))
    buffer_in_room = models.BooleanField(default=False, db_default=False)
    occupied = models.GeneratedField(
        expression=period_with_buffers(), output_field=DateTimeRangeField(), db_persist=True
    )
    room_occupied = models.GeneratedField(
        expression=Case(
            When(buffer_in_room=True, then=period_with_buffers()),
            default=period(),
            output_field=DateTimeRangeField(),
        ),
        output_field=DateTimeRangeField(),
        db_persist=True,
    )
    status = models.CharField(
        _("state"), max_length=12, choices=AppointmentStatus, default=AppointmentStatus.BOOKED
    )
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    note = models.CharField(_("note"), max_length=500, blank=True)
    cancel_reason = models.CharField(max_length=20, choices=CancelReason, blank=True)
    wants_move = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=100, unique=True)
    digest = models.CharField(max_length=64, blank=True, db_default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="appointment_period"
            ),
            models.CheckConstraint(
                condition=Q(status__in=AppointmentStatus.values), name="appointment_status"
            ),
            models.CheckConstraint(
                condition=Q(status="CANCELLED", cancel_reason__in=CancelReason.values)
                | (~Q(status="CANCELLED") & Q(cancel_reason="")),
                name="appointment_cancel_reason",
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="appointment_price"),
            models.CheckConstraint(
                condition=Q(buffer_before__gte="00:00:00", buffer_after__gte="00:00:00"),
                name="appointment_buffers",
            ),
            ExclusionConstraint(
                name="appointment_one_per_employee",
                expressions=[
                    ("employee", RangeOperators.EQUAL),
                    ("occupied", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE),
            ),
            ExclusionConstraint(
                name="appointment_one_per_room",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    ("room_unit", RangeOperators.EQUAL),
                    ("room_occupied", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE, room__isnull=False),
            ),
            ExclusionConstraint(
                name="appointment_one_per_device",
                expressions=[
                    ("device", RangeOperators.EQUAL),
                    ("device_unit", RangeOperators.EQUAL),
                    ("room_occupied", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE, device__isnull=False),
            ),
            ExclusionConstraint(
                name="appointment_one_per_patient",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    (period(), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE),
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "starts_at"], name="appointment_by_branch"),
            models.Index(fields=["employee", "starts_at"], name="appointment_by_employee"),
            models.Index(fields=["patient", "-starts_at"], name="appointment_by_patient"),
            models.Index(fields=["starts_at", "id"], name="appointment_by_start"),
        ]


class Visit(models.Model):
    """What happened of an appointment: arrival, start, end, and the money.

    Sums are kept by the actions in the transaction of the line or payment that changes them:
    `total` is owed: the lines less `returned`, what was given back for them. `paid` is what came in
    less what went back (points included), `paid_points` the part of it that was points. One point
    is one rouble.
    """

    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="visit")
    arrived_at = models.DateTimeField(_("arrived at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    total = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(0))
    paid = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(0))
    paid_points = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(0))
    returned = models.DecimalField(
        max_digits=10, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [
            models.CheckConstraint(
                condition=Q(total__gte=0, paid__gte=0, paid_points__gte=0, paid__lte=F("total"))
                & Q(paid_points__lte=F("paid"), returned__gte=0),
                name="visit_sums",
            ),
        ]
        indexes = [models.Index(fields=["finished_at"], name="visit_by_finish")]


class VisitLine(models.Model):
    """A service rendered at a visit: quantity × price − discount, in roubles.

    Nothing is owed for a line that `is_prepaid`: its sessions come out of a package, whose price
    was taken at its sale. The price still says what the line would have cost.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="lines")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    discount = models.DecimalField(
        _("discount"), max_digits=10, decimal_places=2, default=Decimal(0)
    )
    is_prepaid = models.BooleanField(_("by package"), default=False, db_default=False)

    class Meta:
        verbose_name = _("visit line")
        verbose_name_plural = _("visit lines")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    quantity__gt=0,
                    price__gte=0,
                    discount__gte=0,
                    discount__lte=F("quantity") * F("price"),
                ),
                name="visit_line_sums",
            ),
            models.CheckConstraint(
                condition=Q(is_prepaid=False) | Q(discount=0), name="visit_line_prepaid"
            ),
        ]


class PaymentMethod(models.TextChoices):
    CASH = "CASH", _("cash")
    CARD = "CARD", _("card")
    POINTS = "POINTS", _("points")


class Payment(models.Model):
    """Money in (positive) or back (negative, `refund_of` and `reason` set).

    Never changed: the database refuses it. `key` is unique, a repeated request is one payment.
    """

    Method = PaymentMethod

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(_("method"), max_length=10, choices=PaymentMethod)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    refund_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="refunds"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    key = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, refund_of__isnull=True)
                | Q(amount__lt=0, refund_of__isnull=False),
                name="payment_sign",
            ),
            models.CheckConstraint(
                condition=Q(method__in=PaymentMethod.values), name="payment_method"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="payment_by_time")]


class Prepayment(models.Model):
    """Money ahead of visits, for a package: in (positive) or back (negative, `refund_of` set).

    A payment belongs to a visit and pays its bill; this one belongs to the patient who paid, and
    counts as spent on the day it was taken. Never changed: the database refuses it. `key` is
    unique, a repeated request is one prepayment.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(_("method"), max_length=10, choices=PaymentMethod)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    refund_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="refunds"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    key = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("prepayment")
        verbose_name_plural = _("prepayments")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, refund_of__isnull=True)
                | Q(amount__lt=0, refund_of__isnull=False),
                name="prepayment_sign",
            ),
            models.CheckConstraint(
                condition=Q(method__in=["CASH", "CARD"]), name="prepayment_method"
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="prepayment_by_time"),
            models.Index(fields=["patient"], name="prepayment_by_patient"),
        ]


class PatientTotals(models.Model):
    """One row per patient, kept in the transaction of every booking, visit and payment.

    `visits` counts DONE appointments; `spent` is money in less money back, for visits and ahead of
    them, without points;
    `first_visit_at`/`last_visit_at` are the starts of the first and last DONE appointment;
    `next_at` is the start of the nearest one not begun yet, as of the last change, and
    `booked_until_at` that of the furthest: a patient has something booked ahead of any moment
    exactly when `booked_until_at` lies after it. `debt` is total less paid.
    """

    patient = models.OneToOneField(
        Patient, on_delete=models.PROTECT, primary_key=True, related_name="totals"
    )
    visits = models.PositiveIntegerField(default=0)
    no_shows = models.PositiveIntegerField(default=0)
    cancellations = models.PositiveIntegerField(default=0)
    spent = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    debt = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    first_visit_at = models.DateTimeField(null=True)
    last_visit_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    booked_until_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("patient totals")
        verbose_name_plural = _("patient totals")
        indexes = [
            models.Index(fields=["last_visit_at"], name="totals_by_last"),
            models.Index(fields=["spent"], name="totals_by_spent"),
        ]
