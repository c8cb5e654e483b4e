from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from patients.models import Channel, Patient


class Purpose(models.TextChoices):
    """Why a text is sent: service needs a relation, marketing a live consent."""

    SERVICE = "SERVICE", pgettext_lazy("purpose of a message", "service")
    MARKETING = "MARKETING", pgettext_lazy("purpose of a message", "marketing")


LANGUAGES = [("ru", "Русский"), ("en", "English")]


class Template(models.Model):
    """A text with Liquid placeholders, one row per (code, channel, language)."""

    code = models.SlugField(_("code"), max_length=50)
    name = models.CharField(_("name"), max_length=100)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="ru")
    subject = models.CharField(_("subject"), max_length=150, blank=True)
    body = models.TextField(_("text"), max_length=5000)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            models.UniqueConstraint(fields=["code", "channel", "language"], name="template_once"),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="template_purpose"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="template_channel"
            ),
            models.CheckConstraint(
                condition=~Q(channel="EMAIL") | ~Q(subject=""), name="template_email_subject"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.channel == Channel.EMAIL and not self.subject.strip():
            raise ValidationError({"subject": _("An e-mail needs a subject.")})


class TemplateRevision(models.Model):
    """What a template said before it was changed: any of it can be put back. Only ever added."""

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="revisions")
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField(max_length=5000)
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("earlier text")
        verbose_name_plural = _("earlier texts")
        indexes = [models.Index(fields=["template", "-id"], name="revision_by_template")]


class MessageStatus(models.TextChoices):
    QUEUED = "QUEUED", _("waiting")
    SENDING = "SENDING", _("being sent")
    SENT = "SENT", _("sent")
    DELIVERED = "DELIVERED", _("delivered")
    EXPIRED = "EXPIRED", _("too late")
    SUPPRESSED = "SUPPRESSED", _("held back")
    FAILED = "FAILED", _("not sent")
    UNKNOWN = "UNKNOWN", _("outcome unknown")


class Message(models.Model):
    """One text to one address: written by an action, sent by the sender.

    `kind` is what is said (`messaging.kinds`, the code of the template). `key` makes the row
    unique whatever is retried. `subject_kind`/`subject_id`/`subject_mark` name what the message
    is about; before sending, the guard asks the check that the owning app registered for the
    kind of subject whether it still holds (`messaging.guard`). `lease` is the fencing token of
    the sender that holds the row until `leased_until`; after that the row is simply claimable
    again. `reason` is a stable code (`messaging.reasons`) that says why a message was not sent.
    `poll_at` is when the gateway is next asked whether an accepted message arrived. `patient` is
    empty for a code that proves whose an address is: nobody is known behind it yet.
    """

    Status = MessageStatus

    key = models.CharField(max_length=150, unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=50)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="ru")
    address = models.CharField(_("address"), max_length=254)
    subject = models.CharField(_("subject"), max_length=150, blank=True)
    body = models.TextField(_("text"))
    unsubscribe_url = models.CharField(max_length=200, blank=True)
    zone = models.CharField(max_length=50, default="Europe/Moscow")
    subject_kind = models.CharField(max_length=50, blank=True)
    subject_id = models.BigIntegerField(null=True)
    subject_mark = models.CharField(max_length=50, blank=True)
    send_at = models.DateTimeField(_("send at"))
    expires_at = models.DateTimeField(_("useless after"))
    status = models.CharField(
        _("state"), max_length=10, choices=MessageStatus, default=MessageStatus.QUEUED
    )
    reason = models.CharField(_("reason"), max_length=50, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=100, blank=True)
    is_possible_duplicate = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    poll_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=MessageStatus.values),
                name="message_status",
            ),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="message_purpose"),
            models.CheckConstraint(condition=Q(send_at__lt=F("expires_at")), name="message_window"),
            models.CheckConstraint(
                condition=~Q(status="SENDING") | Q(lease__isnull=False, leased_until__isnull=False),
                name="message_sending_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="MARKETING") | ~Q(unsubscribe_url="") | Q(status="SUPPRESSED"),
                name="message_marketing_can_be_stopped",
            ),
            models.CheckConstraint(
                condition=Q(patient__isnull=False)
                | (Q(purpose="SERVICE") & ~Q(subject_kind="") & ~Q(address="")),
                name="message_to_nobody_known_is_asked_for",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "-purpose", "send_at", "id"],
                name="message_due",
                condition=Q(status="QUEUED"),
            ),
            models.Index(
                fields=["channel", "leased_until"],
                name="message_leased",
                condition=Q(status="SENDING"),
            ),
            models.Index(
                fields=["channel", "poll_at"],
                name="message_to_ask_about",
                condition=Q(poll_at__isnull=False),
            ),
            models.Index(fields=["patient", "-created_at"], name="message_by_patient"),
            models.Index(fields=["subject_kind", "subject_id"], name="message_by_subject"),
            models.Index(fields=["-created_at", "-id"], name="message_newest"),
        ]

    @property
    def recipient(self) -> str:
        """Whom it is to, as colleagues call him."""
        return self.patient.full_name if self.patient else str(_("no card yet"))


class ChannelPause(models.Model):
    """A channel whose gateway takes nothing (no money, wrong password): why and until when.

    After `until` one message tries the way; the row goes when that one passes.
    """

    channel = models.CharField(max_length=10, choices=Channel, primary_key=True)
    reason = models.CharField(max_length=50)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("pause of a channel")
        verbose_name_plural = _("pauses of channels")
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="pause_channel"),
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="pause_period"),
        ]


class LinkPurpose(models.TextChoices):
    APPOINTMENT = "APPOINTMENT", _("answer about an appointment")
    REVIEW = "REVIEW", _("review of a visit")
    UNSUBSCRIBE = "UNSUBSCRIBE", _("unsubscribe")
    OFFER = "OFFER", _("offer of a time")


class Link(models.Model):
    """A secret address in a message: 128 random bits, bound to one purpose, stored as a hash.

    A GET never changes anything. `patient` is who received it; `subject_id` is what it opens
    for that purpose (an appointment, an answer, the patient).
    """

    Purpose = LinkPurpose

    purpose = models.CharField(max_length=15, choices=LinkPurpose)
    token_hash = models.BinaryField(unique=True, max_length=32)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=LinkPurpose.values),
                name="link_purpose",
            ),
        ]
