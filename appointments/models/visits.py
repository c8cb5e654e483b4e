from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appointments.models.booking import Appointment
from clinic.models import Branch, Service
from patients.models import Patient


class Visit(models.Model):
    """What happened of an appointment: arrival, start, end, and the money.

    Sums are kept by the actions in the transaction of the line or payment that changes them:
    `total` is owed: the lines less `returned`, what was given back for them. `paid` is what came in
    less what went back (points included), `paid_points` the part of it that was points. One point
    is one rouble.
    """

    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="visit")
    arrived_at = models.DateTimeField(_("arrived at"))
    called_at = models.DateTimeField(_("called in at"), null=True)
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

    @property
    def waited(self) -> timedelta | None:
        """How long the patient sat in the hall, None while he sits."""
        seen_at = self.called_at or self.started_at
        return None if seen_at is None else max(seen_at - self.arrived_at, timedelta(0))


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
    TRANSFER = "TRANSFER", pgettext_lazy("payment", "bank transfer")
    POINTS = "POINTS", _("points")


MONEY = ("CASH", "CARD", "TRANSFER")
"""The ways that bring money: points do not."""


class Prepayment(models.Model):
    """Money ahead of visits: in (positive) or back (negative, `refund_of` set).

    A payment belongs to a visit and pays its bill; this one belongs to the patient who paid, and
    counts as spent on the day it was taken. With an `appointment` it secures that booking, without
    one it is for a package. A negative row that `is_moved` gave nobody money: it went into the bill
    of the visit (`Payment.ahead`). Never changed: the database refuses it. `key` is unique, a
    repeated request is one prepayment.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="prepayments"
    )
    method = models.CharField(_("method"), max_length=10, choices=PaymentMethod)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    refund_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="refunds"
    )
    is_moved = models.BooleanField(default=False, db_default=False)
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
            models.CheckConstraint(condition=Q(method__in=MONEY), name="prepayment_method"),
            models.CheckConstraint(
                condition=Q(is_moved=False) | Q(amount__lt=0, appointment__isnull=False),
                name="prepayment_moved",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="prepayment_by_time"),
            models.Index(fields=["patient"], name="prepayment_by_patient"),
            models.Index(
                fields=["appointment"],
                name="prepayment_by_appointment",
                condition=Q(appointment__isnull=False),
            ),
        ]


class Payment(models.Model):
    """Money in (positive) or back (negative, `refund_of` and `reason` set).

    Never changed: the database refuses it. `key` is unique, a repeated request is one payment.
    One that has `ahead` moved no money on its day: it was taken before, for the booking, and that
    row of the prepayments took it out of there.
    """

    Method = PaymentMethod

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(_("method"), max_length=10, choices=PaymentMethod)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    refund_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="refunds"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    ahead = models.OneToOneField(
        Prepayment, on_delete=models.PROTECT, null=True, related_name="paid_as"
    )
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
