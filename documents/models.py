from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appointments.models import Appointment
from clinic.models import Branch
from patients.models import Patient


class DocumentKind(models.TextChoices):
    """A contract is made once for a patient, the others for a visit."""

    CONTRACT = "CONTRACT", pgettext_lazy("document", "contract")
    ACT = "ACT", pgettext_lazy("document", "act")
    CONSENT = "CONSENT", pgettext_lazy("document", "consent to treatment")


class DocumentTemplate(models.Model):
    """A version of the wording of one kind of document, kept for good.

    The newest version of a kind is what new documents are filled from. The database refuses to
    change a version: whoever printed by it must find it again.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=DocumentKind)
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("document template")
        verbose_name_plural = _("document templates")
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="template_version"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="template_kind"),
        ]


class DocumentCounter(models.Model):
    """The last number given to a kind of document; whoever makes one holds the row."""

    kind = models.CharField(max_length=10, primary_key=True, choices=DocumentKind)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="counter_kind"),
        ]


class Document(models.Model):
    """A document that was made: the file itself, and what it was filled with.

    Printed again it is the same file, byte for byte; `fields` tell what has changed since. Numbers
    run without gaps, for each kind. The database refuses to change a row.
    """

    Kind = DocumentKind

    kind = models.CharField(_("kind"), max_length=10, choices=DocumentKind)
    number = models.PositiveIntegerField(_("number"))
    template = models.ForeignKey(DocumentTemplate, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    fields = models.JSONField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="document_number"),
            models.CheckConstraint(
                condition=Q(kind="CONTRACT", appointment__isnull=True)
                | Q(kind__in=["ACT", "CONSENT"], appointment__isnull=False),
                name="document_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-made_at"], name="document_by_patient"),
            models.Index(
                fields=["appointment"],
                name="document_by_appointment",
                condition=Q(appointment__isnull=False),
            ),
        ]
