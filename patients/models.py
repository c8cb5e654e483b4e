from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Right
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch


class Source(models.Model):
    """Where a patient or a request came from."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.name


class Channel(models.TextChoices):
    """A way by which a text reaches a person."""

    SMS = "SMS", _("SMS")
    EMAIL = "EMAIL", _("e-mail")


class Sex(models.TextChoices):
    FEMALE = "F", _("female")
    MALE = "M", _("male")


class Attitude(models.TextChoices):
    NONE = "NONE", _("no status")
    INTERESTED = "INTERESTED", _("interested")
    EXPENSIVE = "EXPENSIVE", _("too expensive")
    NOT_NOW = "NOT_NOW", _("not interested for now")
    REFUSED = "REFUSED", pgettext_lazy("attitude", "refused")


class Patient(models.Model):
    """The person treated. A phone does not identify one: see `ContactPoint`.

    `name_key` is the folded full name (`clinic.names.fold`), kept by the actions; the list is
    sorted and searched by it, byte by byte, so that every server sorts alike and a prefix finds
    its index. No diagnosis and no result is stored anywhere.
    """

    Status = Attitude

    last_name = models.CharField(_("last name"), max_length=100)
    first_name = models.CharField(_("first name"), max_length=100)
    middle_name = models.CharField(_("middle name"), max_length=100, blank=True)
    name_key = models.CharField(max_length=302, editable=False, db_collation="C")
    birth_on = models.DateField(_("birth date"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex, blank=True)
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("home branch"),
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("source"),
    )
    channel = models.CharField(
        _("preferred channel"), max_length=10, choices=Channel, default=Channel.SMS
    )
    language = models.CharField(
        _("language"), max_length=2, choices=[("ru", "Русский"), ("en", "English")], default="ru"
    )
    status = models.CharField(_("attitude"), max_length=12, choices=Attitude, default=Attitude.NONE)
    refusal_reason = models.CharField(_("refusal reason"), max_length=200, blank=True)
    note = models.TextField(_("note for reception"), blank=True, max_length=2000)
    is_reachable = models.BooleanField(_("may be contacted"), default=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["", *Sex.values]), name="patient_sex"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="patient_channel"),
            models.CheckConstraint(condition=Q(language__in=["ru", "en"]), name="patient_language"),
            models.CheckConstraint(
                condition=Q(status__in=Attitude.values),
                name="patient_status",
            ),
        ]
        indexes = [
            GinIndex(OpClass(F("name_key"), name="gin_trgm_ops"), name="patient_name_trgm"),
            models.Index(fields=["name_key", "id"], name="patient_by_name"),
            models.Index(fields=["birth_on"], name="patient_by_birth"),
            models.Index(fields=["created_at", "id"], name="patient_by_created"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, [self.last_name, self.first_name, self.middle_name]))


class ContactKind(models.TextChoices):
    PHONE = "PHONE", _("phone")
    EMAIL = "EMAIL", _("e-mail")


class ContactOwner(models.TextChoices):
    OWN = "OWN", _("own")
    GUARDIAN = "GUARDIAN", _("parent or guardian")
    RELATIVE = "RELATIVE", _("relative")
    PAYER = "PAYER", _("payer")


class ContactPoint(models.Model):
    """A phone (E.164) or an e-mail of a patient, with whose it is: relatives share numbers."""

    Kind = ContactKind

    Owner = ContactOwner

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="contacts")
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    value = models.CharField(_("value"), max_length=254)
    owner = models.CharField(
        _("whose"), max_length=10, choices=ContactOwner, default=ContactOwner.OWN
    )
    is_primary = models.BooleanField(_("main"), default=False)
    is_valid = models.BooleanField(_("works"), default=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["patient", "kind", "value"], name="contact_once"),
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=Q(is_primary=True), name="contact_one_primary"
            ),
            models.CheckConstraint(condition=Q(kind__in=ContactKind.values), name="contact_kind"),
            models.CheckConstraint(
                condition=Q(owner__in=ContactOwner.values),
                name="contact_owner",
            ),
            models.CheckConstraint(
                condition=~Q(kind="PHONE") | Q(value__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="contact_phone_e164",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "value"], name="contact_by_value"),
            models.Index(Right("value", 4), name="contact_phone_tail", condition=Q(kind="PHONE")),
            GinIndex(
                OpClass(F("value"), name="gin_trgm_ops"),
                name="contact_phone_trgm",
                condition=Q(kind="PHONE"),
            ),
        ]


class RelationKind(models.TextChoices):
    PARENT = "PARENT", _("parent")
    CHILD = "CHILD", _("child")
    SPOUSE = "SPOUSE", _("spouse")
    OTHER = "OTHER", _("other relative")


class Relation(models.Model):
    """Family: `relative` is the `kind` of `patient` (a mother of a child)."""

    Kind = RelationKind

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="relations")
    relative = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("who it is"), max_length=10, choices=RelationKind)

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        constraints = [
            models.UniqueConstraint(fields=["patient", "relative"], name="relation_once"),
            models.CheckConstraint(condition=~Q(patient=F("relative")), name="relation_not_self"),
            models.CheckConstraint(condition=Q(kind__in=RelationKind.values), name="relation_kind"),
        ]


class ConsentPurpose(models.TextChoices):
    PERSONAL_DATA = "PERSONAL_DATA", _("personal data processing")
    MARKETING = "MARKETING", _("marketing messages")


class ConsentAction(models.TextChoices):
    GIVEN = "GIVEN", _("given")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


class ConsentOrigin(models.TextChoices):
    DESK = "DESK", _("at reception")
    LINK = "LINK", _("by link")
    IMPORT = "IMPORT", _("import")
    ONLINE = "ONLINE", _("online booking")
    API = "API", _("another system")


class Consent(models.Model):
    """One grant or withdrawal, for one purpose and channel. Rows are only ever added.

    What holds now is the newest row of (patient, purpose, channel). A database trigger refuses
    updates and deletes. `text` is the wording that was shown; `channel` is empty for purposes
    that know none.
    """

    Purpose = ConsentPurpose

    Action = ConsentAction

    Origin = ConsentOrigin

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=20, choices=ConsentPurpose)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, blank=True)
    action = models.CharField(_("action"), max_length=10, choices=ConsentAction)
    origin = models.CharField(_("how"), max_length=10, choices=ConsentOrigin)
    text = models.TextField(_("wording shown"), blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ip = models.GenericIPAddressField(_("address"), null=True)
    at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=ConsentPurpose.values), name="consent_purpose"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["", *Channel.values]), name="consent_channel"
            ),
            models.CheckConstraint(
                condition=Q(action__in=ConsentAction.values), name="consent_action"
            ),
            models.CheckConstraint(
                condition=~Q(purpose="MARKETING") | ~Q(channel=""),
                name="consent_marketing_names_channel",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "purpose", "channel", "-id"], name="consent_latest"),
        ]


class ConsentText(models.Model):
    """A wording that patients are asked to agree to. Never changed: a new one is a new version.

    `{operator}` in it stands for the clinic's legal name. A consent keeps the words it was given
    to, so a new version renews nobody's consent.
    """

    purpose = models.CharField(_("purpose"), max_length=20, choices=ConsentPurpose)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=[("ru", "Русский"), ("en", "English")], default="ru"
    )
    version = models.PositiveSmallIntegerField(_("version"))
    body = models.TextField(_("wording"), max_length=5000)

    class Meta:
        verbose_name = _("consent wording")
        verbose_name_plural = _("consent wordings")
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "channel", "language", "version"], name="consent_text_once"
            ),
            models.CheckConstraint(
                condition=Q(purpose="MARKETING", channel__in=Channel.values)
                | Q(purpose="PERSONAL_DATA", channel=""),
                name="consent_text_names_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.channel} {self.language} {self.version}"


class AccessAction(models.TextChoices):
    OPENED = "OPENED", _("opened")
    LISTED = "LISTED", _("seen in a list")
    EXPORTED = "EXPORTED", _("exported")
    PRINTED = "PRINTED", _("printed")


class AccessEntry(models.Model):
    """Who opened or took away whose data, when and from where. Rows are only ever added.

    The page shows nothing unless its row was written (`patients.actions.record_access`); a
    database trigger refuses updates and deletes.
    """

    Action = AccessAction

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(_("action"), max_length=10, choices=AccessAction)
    place = models.CharField(_("where in the product"), max_length=50)
    ip = models.GenericIPAddressField(_("address"), null=True)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("access journal entry")
        verbose_name_plural = _("access journal")
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=AccessAction.values),
                name="access_action",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-at"], name="access_by_patient"),
            models.Index(fields=["actor", "-at"], name="access_by_actor"),
            models.Index(fields=["-at", "-id"], name="access_newest"),
        ]
