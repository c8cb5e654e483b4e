from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from patients.models import Patient


class Tier(models.Model):
    """A step of the programme: reached by money spent, it sets what a rouble earns."""

    name = models.CharField(_("name"), max_length=50, unique=True)
    spent_from = models.DecimalField(
        _("from spend of"), max_digits=12, decimal_places=2, unique=True
    )
    earn_percent = models.DecimalField(
        _("points, per cent of payment"), max_digits=4, decimal_places=1
    )
    points_live_days = models.PositiveSmallIntegerField(_("points live, days"), default=365)

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        constraints = [
            models.CheckConstraint(
                condition=Q(earn_percent__gte=0, earn_percent__lte=100, spent_from__gte=0),
                name="tier_limits",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PointAccount(models.Model):
    """The balance of a patient: the row that every ledger action locks first.

    `balance` is the sum of the entries and what is left of the lots. `owed` is what a refund could
    not take back because it was already spent; the next points that come in pay it off first.
    `next_expiry_at` is when the first lot with something left expires.
    """

    patient = models.OneToOneField(
        Patient, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    balance = models.PositiveIntegerField(default=0)
    owed = models.PositiveIntegerField(default=0)
    next_expiry_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("point account")
        verbose_name_plural = _("point accounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(balance=0) | Q(owed=0), name="point_account_owes_or_has"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_expiry_at"],
                name="point_account_by_expiry",
                condition=Q(next_expiry_at__isnull=False),
            ),
        ]


class PointKind(models.TextChoices):
    EARNED = "EARNED", pgettext_lazy("points", "earned")
    SPENT = "SPENT", pgettext_lazy("points", "spent")
    RETURNED = "RETURNED", pgettext_lazy("points", "returned after a refund")
    TAKEN_BACK = "TAKEN_BACK", pgettext_lazy("points", "taken back after a refund")
    EXPIRED = "EXPIRED", pgettext_lazy("points", "expired")
    ADJUSTED = "ADJUSTED", pgettext_lazy("points", "adjusted by hand")


class PointEntry(models.Model):
    """A row of the ledger; never changed, a correction is a new row. 1 point = 1 rouble.

    `points` is signed. `source` says what caused it (`payment:5`) and is unique, so a retry
    writes nothing twice. Whatever comes in is a lot with `expires_at`; whatever goes out names the
    `lot` it eats, oldest expiry first, one row per lot (`payment:5:1`, `payment:5:2`).
    """

    Kind = PointKind

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=PointKind)
    points = models.IntegerField(_("points"))
    source = models.CharField(max_length=100, unique=True)
    lot = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="uses")
    expires_at = models.DateTimeField(_("expires"), null=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("point entry")
        verbose_name_plural = _("point entries")
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="point_entry_not_empty"),
            models.CheckConstraint(
                condition=Q(kind__in=["EARNED", "RETURNED"], points__gt=0)
                | Q(kind__in=["SPENT", "TAKEN_BACK", "EXPIRED"], points__lt=0)
                | Q(kind="ADJUSTED"),
                name="point_entry_sign",
            ),
            models.CheckConstraint(
                condition=Q(points__gt=0, lot__isnull=True, expires_at__isnull=False)
                | Q(points__lt=0, lot__isnull=False, expires_at__isnull=True),
                name="point_entry_lot",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-at", "-id"], name="point_entry_by_patient"),
            models.Index(fields=["at"], name="point_entry_by_time"),
        ]


class PointDebt(models.Model):
    """What one refund could not take back, because it was already spent. Never changed.

    `PointAccount.owed` is the sum of these less what later points paid off (the entries whose
    source ends in `:owed`).
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    points = models.PositiveIntegerField(_("points"))
    source = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("point debt")
        verbose_name_plural = _("point debts")
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="point_debt_not_empty"),
        ]
