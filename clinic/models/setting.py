from datetime import time
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


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
    confirm_from = models.TimeField(
        _("call those who have not confirmed from"),
        null=True,
        blank=True,
        default=time(17),
        db_default=time(17),
        help_text=_("On the eve of the visit, on the clock of the branch. Empty: never."),
    )
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    license = models.CharField(_("license"), max_length=200, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=12, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=15, blank=True)
    legal_address = models.CharField(_("legal address"), max_length=300, blank=True)
    signatory = models.CharField(
        _("who signs for the clinic"),
        max_length=200,
        blank=True,
        help_text=_("As it stands in a contract: “director I. I. Petrov”."),
    )
    prepay_after_no_shows = models.PositiveSmallIntegerField(
        _("a booking needs a prepayment after so many no-shows"),
        default=0,
        help_text=_("0: never."),
    )
    prepay_months = models.PositiveSmallIntegerField(
        _("no-shows of the last months count"), default=6
    )
    prepay_share = models.DecimalField(
        _("prepayment as a share of the price"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.50"),
    )
    prepay_back_hours = models.PositiveSmallIntegerField(
        _("hours before the visit until which a prepayment is given back"), default=24
    )

    class Meta:
        verbose_name = _("clinic settings")
        verbose_name_plural = _("clinic settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="setting_single_row"),
            models.CheckConstraint(
                condition=Q(points_share__gte=0, points_share__lte=1), name="setting_points_share"
            ),
            models.CheckConstraint(
                condition=Q(prepay_share__gt=0, prepay_share__lte=1, prepay_months__gt=0),
                name="setting_prepayment",
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
        found = cls.objects.raw("SELECT * FROM clinic_setting WHERE id = 1")
        return next(iter(found), None) or cls(pk=1)
