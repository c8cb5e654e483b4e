from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models.accounts import User
from clinic.models.places import Branch
from clinic.models.price_list import Service
from clinic.names import shorten


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
    mails_news = models.BooleanField(
        _("news of the day by e-mail"),
        default=False,
        db_default=False,
        help_text=_("Who was booked, moved or cancelled for today and tomorrow; without names."),
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
        return shorten(self.last_name, self.first_name, self.middle_name)


class OwnTerms(models.Model):
    """What an employee takes longer, shorter, dearer or cheaper for than the price list says.

    Whatever is empty is the price list's.
    """

    employee = models.ForeignKey(
        Employee, on_delete=models.CASCADE, related_name="own_terms", verbose_name=_("employee")
    )
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="own_terms", verbose_name=_("service")
    )
    duration = models.DurationField(_("duration"), null=True, blank=True)
    price = models.DecimalField(
        _("price"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    repeat_price = models.DecimalField(
        _("price of a repeat visit"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )

    class Meta:
        verbose_name = _("own terms")
        verbose_name_plural = _("own terms")
        constraints = [
            models.UniqueConstraint(fields=["employee", "service"], name="own_terms_once"),
            models.CheckConstraint(
                condition=Q(duration__isnull=True)
                | Q(duration__gt="00:00:00", duration__lte="12:00:00"),
                name="own_terms_duration",
                violation_error_message=_("A visit takes more than nothing, at most twelve hours."),
            ),
            models.CheckConstraint(
                condition=(Q(price__isnull=True) | Q(price__gte=0))
                & (Q(repeat_price__isnull=True) | Q(repeat_price__gte=0)),
                name="own_terms_prices",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.service}"
