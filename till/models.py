from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch


class TillShift(models.Model):
    """From one count of the cash in a branch's drawer to the next.

    `opening` and `counted` are what lay there, in roubles. What should lie there is nowhere stored:
    it is `opening` and the cash that the ledgers know of between the two moments. One shift of a
    branch is open at a time, and a closed one never changes: the database refuses both.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    opening = models.DecimalField(_("cash at the opening"), max_digits=10, decimal_places=2)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    counted = models.DecimalField(
        _("cash at the closing"), max_digits=10, decimal_places=2, null=True
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("shift of the till")
        verbose_name_plural = _("shifts of the till")
        constraints = [
            models.UniqueConstraint(
                fields=["branch"], condition=Q(closed_at__isnull=True), name="till_one_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, counted__isnull=True)
                | Q(closed_at__gt=F("opened_at"), counted__gte=Decimal(0)),
                name="till_closed_is_counted",
            ),
            models.CheckConstraint(condition=Q(opening__gte=Decimal(0)), name="till_opening"),
        ]
        indexes = [models.Index(fields=["branch", "-opened_at"], name="till_by_opening")]
