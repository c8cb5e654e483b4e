from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appointments.models import Prepayment, Visit
from clinic.models import Branch, Service
from patients.models import Patient


class Activation(models.TextChoices):
    """When the term of a package begins to run."""

    SALE = "SALE", _("on the day of sale")
    FIRST_VISIT = "FIRST_VISIT", _("at the first visit")


class PackageStatus(models.TextChoices):
    WAITING = "WAITING", pgettext_lazy("package", "not begun")
    ACTIVE = "ACTIVE", pgettext_lazy("package", "active")
    FROZEN = "FROZEN", pgettext_lazy("package", "frozen")
    USED_UP = "USED_UP", pgettext_lazy("package", "used up")
    EXPIRED = "EXPIRED", pgettext_lazy("package", "expired")
    REFUNDED = "REFUNDED", pgettext_lazy("package", "refunded")


USABLE = ("WAITING", "ACTIVE")
"""Statuses in which sessions can be taken out."""

LIVE = (*USABLE, "FROZEN")
"""Statuses in which the package still holds sessions for somebody."""

ALLOWED_MOVES: dict[str, frozenset[str]] = {
    "WAITING": frozenset({"ACTIVE", "REFUNDED"}),
    "ACTIVE": frozenset({"FROZEN", "USED_UP", "EXPIRED", "REFUNDED"}),
    "FROZEN": frozenset({"ACTIVE", "REFUNDED"}),
    "USED_UP": frozenset({"ACTIVE"}),
    "EXPIRED": frozenset({"ACTIVE"}),
    "REFUNDED": frozenset(),
}
"""Which status may follow which. A package comes back from USED_UP and EXPIRED only by a session
that was given back to it."""


class PackageType(models.Model):
    """What can be sold: a price, a term, and one or several parts. Sold packages keep a copy.

    A part is a number of sessions of any of its services. One part with several services is one
    balance for them all; several parts are a balance each.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    term_days = models.PositiveSmallIntegerField(_("term, days"))
    activation = models.CharField(
        _("the term begins"), max_length=12, choices=Activation, default=Activation.SALE
    )
    warn_days = models.PositiveSmallIntegerField(_("remind before the end, days"), default=14)
    freeze_days = models.PositiveSmallIntegerField(_("may be frozen, days"), default=0)
    is_transferable = models.BooleanField(_("may be given to another patient"), default=False)
    is_bearer = models.BooleanField(_("anyone may use it by its code"), default=False)
    is_active = models.BooleanField(_("on sale"), default=True)

    class Meta:
        verbose_name = _("package type")
        verbose_name_plural = _("package types")
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gt=0, term_days__gt=0, warn_days__lte=F("term_days")),
                name="package_type_terms",
            ),
            models.CheckConstraint(
                condition=Q(activation__in=Activation.values), name="package_type_activation"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TypePart(models.Model):
    """So many sessions of any of these services."""

    type = models.ForeignKey(PackageType, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    sessions = models.PositiveSmallIntegerField(_("sessions"))
    services = models.ManyToManyField(Service, related_name="+", verbose_name=_("services"))

    class Meta:
        verbose_name = _("part of a package type")
        verbose_name_plural = _("parts of package types")
        constraints = [
            models.UniqueConstraint(fields=["type", "position"], name="type_part_position"),
            models.CheckConstraint(condition=Q(sessions__gt=0), name="type_part_sessions"),
        ]


class Package(models.Model):
    """A package sold: the terms as they were at the sale, and where it stands.

    `patient` owns it. Besides him it may be used by his family where he allowed it (`is_family`),
    and by whoever shows the `code` where the terms say so (`is_bearer`). `ends_at` is the moment
    after its last day, on the clock of the `branch` that sold it; None until the term begins.
    `frozen_days` counts the days that past freezes took of `freeze_days`; a freeze that nobody
    ends is over at `thaws_at`. `warns_at` is when to say that the end is near; None once said.
    `key` makes a repeated sale one, and `digest` tells a repeat from another order.
    """

    Status = PackageStatus

    type = models.ForeignKey(PackageType, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    term_days = models.PositiveSmallIntegerField()
    activation = models.CharField(max_length=12, choices=Activation)
    warn_days = models.PositiveSmallIntegerField()
    freeze_days = models.PositiveSmallIntegerField()
    is_transferable = models.BooleanField()
    is_bearer = models.BooleanField()
    is_family = models.BooleanField(default=False)
    status = models.CharField(_("state"), max_length=10, choices=PackageStatus)
    code = models.CharField(_("code"), max_length=8, unique=True)
    key = models.CharField(max_length=100, unique=True)
    digest = models.CharField(max_length=64)
    sold_at = models.DateTimeField(_("sold at"))
    ends_at = models.DateTimeField(_("ends at"), null=True)
    frozen_at = models.DateTimeField(null=True)
    thaws_at = models.DateTimeField(null=True)
    frozen_days = models.PositiveSmallIntegerField(default=0)
    warns_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=PackageStatus.values), name="package_status"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["WAITING", "REFUNDED"]) | Q(ends_at__isnull=False),
                name="package_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(status="FROZEN", frozen_at__isnull=False, thaws_at__isnull=False)
                | (~Q(status="FROZEN") & Q(frozen_at__isnull=True, thaws_at__isnull=True)),
                name="package_frozen",
            ),
            models.CheckConstraint(
                condition=Q(frozen_days__lte=F("freeze_days")), name="package_freeze_limit"
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-sold_at"], name="package_by_patient"),
            models.Index(fields=["-sold_at", "-id"], name="package_by_sale"),
            models.Index(fields=["ends_at"], name="package_by_end", condition=Q(status="ACTIVE")),
            models.Index(
                fields=["thaws_at"], name="package_by_thaw", condition=Q(thaws_at__isnull=False)
            ),
            models.Index(
                fields=["warns_at"], name="package_by_warning", condition=Q(warns_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_on(self) -> date | None:
        """The last day on which it can be used, by the clock of its branch."""
        if self.ends_at is None:
            return None
        return (self.ends_at - timedelta(seconds=1)).astimezone(self.branch.zone).date()


class PackagePart(models.Model):
    """The balance of a part of a package. Its entries move it: a trigger adds each to `balance`.

    The constraint is what lets nobody take a session that is not there, whoever competes for it.
    """

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField()
    sessions = models.PositiveSmallIntegerField(_("sessions"))
    balance = models.SmallIntegerField(_("left"), default=0)

    class Meta:
        verbose_name = _("part of a package")
        verbose_name_plural = _("parts of packages")
        constraints = [
            models.UniqueConstraint(fields=["package", "position"], name="package_part_position"),
            models.CheckConstraint(
                condition=Q(balance__gte=0, balance__lte=F("sessions")),
                name="package_part_balance",
            ),
        ]


class PackagePrice(models.Model):
    """A service that a part pays for, with its price in the price list on the day of the sale."""

    part = models.ForeignKey(PackagePart, on_delete=models.PROTECT, related_name="prices")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = _("service of a package")
        verbose_name_plural = _("services of packages")
        constraints = [
            models.UniqueConstraint(fields=["part", "service"], name="package_price_once"),
            models.CheckConstraint(condition=Q(price__gte=0), name="package_price"),
        ]


class EntryKind(models.TextChoices):
    SALE = "SALE", pgettext_lazy("package", "sold")
    DEBIT = "DEBIT", pgettext_lazy("package", "used at a visit")
    RESTORE = "RESTORE", pgettext_lazy("package", "given back")
    FREEZE = "FREEZE", pgettext_lazy("package", "was frozen")
    UNFREEZE = "UNFREEZE", pgettext_lazy("package", "freeze ended")
    TRANSFER = "TRANSFER", pgettext_lazy("package", "passed to another patient")
    REFUND = "REFUND", pgettext_lazy("package", "money returned")
    EXPIRY = "EXPIRY", pgettext_lazy("package", "term ended")


class PackageEntry(models.Model):
    """A row of the ledger; never changed, a correction is a new row.

    `sessions` is signed and moves the balance of `part`. A DEBIT is one session, of a `service`
    rendered at a `visit` to `patient`; a RESTORE gives one DEBIT back (`undoes`), once. A trigger
    refuses a DEBIT beyond what the bill of the visit says is prepaid. `patient` of a TRANSFER is
    the new owner. `source` is unique, so a retry writes nothing twice.
    """

    Kind = EntryKind

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="entries")
    part = models.ForeignKey(PackagePart, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind)
    sessions = models.SmallIntegerField(_("sessions"), default=0)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="undone_by"
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    source = models.CharField(max_length=150, unique=True)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("package entry")
        verbose_name_plural = _("package entries")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="SALE", sessions__gt=0, part__isnull=False)
                | Q(kind__in=["REFUND", "EXPIRY"], sessions__lt=0, part__isnull=False)
                | Q(kind__in=["FREEZE", "UNFREEZE", "TRANSFER"], sessions=0, part__isnull=True)
                | Q(
                    kind="DEBIT",
                    sessions=-1,
                    part__isnull=False,
                    visit__isnull=False,
                    service__isnull=False,
                    patient__isnull=False,
                )
                | Q(kind="RESTORE", sessions=1, part__isnull=False, undoes__isnull=False),
                name="package_entry_shape",
            ),
        ]
        indexes = [
            models.Index(fields=["package", "-at", "-id"], name="package_entry_by_package"),
            models.Index(
                fields=["visit"], name="package_entry_by_visit", condition=Q(visit__isnull=False)
            ),
        ]


class PackagePayment(models.Model):
    """Which money was paid for a package, and which of it went back."""

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="payments")
    prepayment = models.OneToOneField(Prepayment, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("payment for a package")
        verbose_name_plural = _("payments for packages")
