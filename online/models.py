from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment
from clinic.models import Branch, Employee, Service
from patients.models import Channel, Source

MOST_TRIES = 5
"""Wrong codes after which a code is worth nothing."""


class OnlineSetting(models.Model):
    """How patients book themselves, one row in all. Until a clinic opens it, it is shut.

    `frame_origins` are the sites that may show the pages in a frame, one origin a line. What codes
    by SMS may cost in 24 hours is `code_budget`; one SMS costs `code_price`. `source` is where
    those come from whom no advertisement brought.
    """

    is_open = models.BooleanField(_("patients can book themselves"), default=False)
    code_channel = models.CharField(
        _("the code comes by"), max_length=10, choices=Channel, default=Channel.SMS
    )
    code_price = models.DecimalField(
        _("price of one SMS, roubles"),
        max_digits=6,
        decimal_places=2,
        default=Decimal("5.00"),
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    code_budget = models.DecimalField(
        _("codes by SMS cost at most in a day, roubles"),
        max_digits=8,
        decimal_places=2,
        default=Decimal("500.00"),
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("After that the page asks to call until the day is over."),
    )
    greeting = models.CharField(_("words above the first step"), max_length=300, blank=True)
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour like #0d6f83."))],
    )
    frame_origins = models.TextField(
        _("sites that may show it in a frame"),
        max_length=2000,
        blank=True,
        help_text=_("One a line, like https://clinic.ru"),
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("source of those who just came"),
    )

    class Meta:
        verbose_name = _("online booking settings")
        verbose_name_plural = _("online booking settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="online_setting_single_row"),
            models.CheckConstraint(
                condition=Q(code_channel__in=Channel.values), name="online_setting_channel"
            ),
            models.CheckConstraint(
                condition=Q(code_price__gt=0, code_budget__gte=0), name="online_setting_money"
            ),
            models.CheckConstraint(
                condition=Q(accent="") | Q(accent__regex=r"^#[0-9a-fA-F]{6}$"),
                name="online_setting_accent",
            ),
        ]

    def __str__(self) -> str:
        return str(_("online booking settings"))

    @classmethod
    def load(cls) -> "OnlineSetting":
        """Return the one row, the defaults where the clinic has not decided yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def origins(self) -> list[str]:
        return self.frame_origins.split()


class Profile(models.Model):
    """What patients see of an employee who takes them. `photo` is WebP, made by us.

    `since_year` is when he began to practise: years of experience grow by themselves. Who is not
    `is_shown` is booked by reception only.
    """

    employee = models.OneToOneField(
        Employee, on_delete=models.PROTECT, related_name="profile", verbose_name=_("employee")
    )
    is_shown = models.BooleanField(_("patients book online"), default=True)
    since_year = models.PositiveSmallIntegerField(_("practises since, year"), null=True, blank=True)
    about = models.CharField(_("about, for patients"), max_length=600, blank=True)
    photo = models.BinaryField(null=True)
    photo_mark = models.CharField(max_length=16, blank=True)

    class Meta:
        verbose_name = _("profile for patients")
        verbose_name_plural = _("profiles for patients")
        constraints = [
            models.CheckConstraint(
                condition=Q(since_year__isnull=True) | Q(since_year__gte=1940, since_year__lt=2200),
                name="profile_since_year",
                violation_error_message=_("Write the year, like 2008."),
            ),
            models.CheckConstraint(
                condition=Q(photo__isnull=True, photo_mark="")
                | (Q(photo__isnull=False) & ~Q(photo_mark="")),
                name="profile_photo_has_mark",
            ),
        ]


class Party(models.TextChoices):
    """For whom the visit is."""

    SELF = "SELF", _("for myself")
    CHILD = "CHILD", _("for my child")
    RELATIVE = "RELATIVE", _("for somebody of my family")


class Attempt(models.Model):
    """Somebody's way to a booking, from the time he chose on; forgotten after two days.

    Found by a secret of 128 bits in the address of his pages, of which only the hash is kept. `key`
    owns the hold and is the booking's. Nothing personal is written down before he agreed to it:
    `data_consent` is the wording that he saw, `news_consent` that of marketing, "" for no.
    `proved_at` is when he showed a code that went to `contact`.
    """

    token_hash = models.BinaryField(unique=True, max_length=32)
    key = models.CharField(max_length=100, unique=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    language = models.CharField(max_length=2, default="ru")
    utm = models.JSONField(default=dict)
    party = models.CharField(max_length=10, choices=Party, default=Party.SELF)
    last_name = models.CharField(max_length=100, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    middle_name = models.CharField(max_length=100, blank=True)
    birth_on = models.DateField(null=True)
    booker = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=16, blank=True)
    email = models.CharField(max_length=254, blank=True)
    contact = models.CharField(max_length=254, blank=True)
    data_consent = models.TextField(blank=True)
    news_consent = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)
    proved_at = models.DateTimeField(null=True)
    appointment = models.OneToOneField(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(party__in=Party.values), name="attempt_party"),
            models.CheckConstraint(
                condition=~Q(data_consent="")
                | Q(last_name="", first_name="", phone="", email="", contact="", booker=""),
                name="attempt_keeps_nobody_unasked",
            ),
            models.CheckConstraint(
                condition=Q(appointment__isnull=True) | Q(proved_at__isnull=False),
                name="attempt_booked_is_proved",
            ),
        ]


class Code(models.Model):
    """A code of six figures sent to prove whose a phone or an e-mail is. Only its hash is kept.

    It is worth something to its attempt, once, until `expires_at` or the fifth wrong try.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="codes")
    contact = models.CharField(max_length=254)
    digest = models.BinaryField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES), name="code_tries"),
            models.CheckConstraint(
                condition=Q(created_at__lte=F("expires_at")), name="code_period"
            ),
        ]
        indexes = [models.Index(fields=["attempt", "-id"], name="code_newest")]


class Deed(models.TextChoices):
    """What strangers may do only so many times."""

    HOLD = "HOLD"
    CODE = "CODE"
    WRONG = "WRONG"
    WISH = "WISH"


class Trace(models.Model):
    """Somebody did something that is counted; forgotten after two days.

    `place` and `contact` are keyed hashes of the address he came from and of the phone or e-mail
    he named: they can be counted and not read.
    """

    deed = models.CharField(max_length=10, choices=Deed)
    place = models.BinaryField(max_length=32)
    contact = models.BinaryField(max_length=32)
    cost = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal(0))
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(deed__in=Deed.values), name="trace_deed"),
            models.CheckConstraint(condition=Q(cost__gte=0), name="trace_cost"),
        ]
        indexes = [models.Index(fields=["deed", "at"], name="trace_recent")]
