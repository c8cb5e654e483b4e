from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment
from clinic.models import Branch, Employee
from patients.models import Patient


class ReviewSite(models.Model):
    """A public review site, shown to everyone who answered, happy or not."""

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch")
    )
    name = models.CharField(_("name"), max_length=50)
    url = models.URLField(_("address"), max_length=300)
    position = models.PositiveSmallIntegerField(_("order"), default=1)

    class Meta:
        verbose_name = _("review site")
        verbose_name_plural = _("review sites")
        constraints = [
            models.UniqueConstraint(fields=["branch", "url"], name="review_site_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What a patient said of one visit: 0–10 and a comment. 9–10 promoter, 0–6 detractor."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField(_("score"))
    comment = models.TextField(_("comment"), blank=True, max_length=4000)
    answered_at = models.DateTimeField(_("answered at"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.CheckConstraint(condition=Q(score__lte=10), name="answer_score"),
        ]
        indexes = [
            models.Index(fields=["-answered_at"], name="answer_newest"),
            models.Index(fields=["patient", "-answered_at"], name="answer_by_patient"),
        ]


class CaseStatus(models.TextChoices):
    OPEN = "OPEN", _("open")
    IN_WORK = "IN_WORK", _("in work")
    RESOLVED = "RESOLVED", _("resolved")


class Case(models.Model):
    """An unhappy patient (0–6) to win back: an owner, a deadline, and how it ended."""

    Status = CaseStatus

    answer = models.OneToOneField(Answer, on_delete=models.PROTECT, related_name="case")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        _("state"), max_length=10, choices=CaseStatus, default=CaseStatus.OPEN
    )
    due_at = models.DateTimeField(_("due"))
    resolution = models.TextField(_("how it ended"), blank=True, max_length=2000)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CaseStatus.values), name="case_status"),
            models.CheckConstraint(
                condition=Q(status="RESOLVED", resolved_at__isnull=False) & ~Q(resolution="")
                | (~Q(status="RESOLVED") & Q(resolved_at__isnull=True)),
                name="case_resolved_says_how",
            ),
        ]
        indexes = [models.Index(fields=["status", "due_at"], name="case_by_deadline")]
