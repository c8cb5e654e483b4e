from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from messaging.models import Purpose
from patients.models import Patient


class Segment(models.Model):
    """A rule that picks patients: nested all/any groups of trait conditions as JSON.

    `rule` is `{"all": [...]}` / `{"any": [...]}` / `{"not": {...}}` of
    `{"trait": code, "op": code, "value": …}`; compiled to one SQL statement (docs/segments.md).
    `members` of `base` patients is the size as of `counted_at`, for lists; a page about one
    segment counts anew. `key` makes a repeated request the same segment.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    rule = models.JSONField(_("rule"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("author"),
    )
    members = models.PositiveIntegerField(default=0)
    base = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField(_("counted at"))
    key = models.CharField(max_length=100, unique=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(_("changed at"))
    archived_at = models.DateTimeField(_("archived at"), null=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.CheckConstraint(condition=Q(members__lte=F("base")), name="segment_size"),
        ]
        indexes = [
            models.Index(
                fields=["counted_at"],
                name="segment_by_count",
                condition=Q(archived_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Trigger(models.TextChoices):
    BEFORE_APPOINTMENT = "BEFORE_APPOINTMENT", _("before a booked visit")
    AFTER_VISIT = "AFTER_VISIT", _("after a visit")
    SILENCE = "SILENCE", _("no visit for long and none booked")


class Scenario(models.Model):
    """A trigger and its steps. `segment` narrows it to those the segment picks.

    `watermark_at` is how far the trigger has looked: starting a scenario sets it to that moment,
    so that nobody is written to for what lies behind.
    """

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    trigger = models.CharField(_("trigger"), max_length=20, choices=Trigger)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    segment = models.ForeignKey(
        Segment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only for segment"),
    )
    pause_days = models.PositiveSmallIntegerField(_("a patient enters once in, days"), default=0)
    is_active = models.BooleanField(_("running"), default=False)
    watermark_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        constraints = [
            models.CheckConstraint(
                condition=Q(trigger__in=Trigger.values), name="scenario_trigger"
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(watermark_at__isnull=False),
                name="scenario_active_has_watermark",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioVersion(models.Model):
    """The steps as they stood from one edit to the next; a run keeps the version it began with."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("scenario version")
        verbose_name_plural = _("scenario versions")
        constraints = [
            models.UniqueConstraint(fields=["scenario", "number"], name="scenario_version_once"),
        ]


class StepKind(models.TextChoices):
    MESSAGE = "MESSAGE", _("message")
    TASK = "TASK", _("task for reception")


class Step(models.Model):
    """What happens `offset` from the anchor (start of the visit, its end, the last visit).

    `offset` is negative before the anchor; `campaigns.timing.due_at` says how it is counted.
    `lives_for` is how long after its time the step still makes sense.
    """

    version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("what"), max_length=10, choices=StepKind)
    offset = models.DurationField(_("when"))
    at_time = models.TimeField(_("at"), null=True)
    lives_for = models.DurationField(_("useful for"))
    template_code = models.CharField(_("template"), max_length=50, blank=True)
    note = models.CharField(_("what to do"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="step_position"),
            models.CheckConstraint(
                condition=Q(kind="MESSAGE") & ~Q(template_code="") | Q(kind="TASK"),
                name="step_message_has_template",
            ),
        ]


class RunStatus(models.TextChoices):
    ACTIVE = "ACTIVE", _("under way")
    FINISHED = "FINISHED", _("finished")
    LEFT = "LEFT", _("left")


class Run(models.Model):
    """One patient's way through one version of a scenario, for one subject.

    `subject_id` is the appointment it is about (for SILENCE: the last visit) and `subject_mark`
    its state that matters (for a reminder: the start, so a moved visit gets a run of its own).
    """

    Status = RunStatus

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject_mark = models.CharField(max_length=50, blank=True)
    anchor_at = models.DateTimeField()
    status = models.CharField(
        _("state"), max_length=10, choices=RunStatus, default=RunStatus.ACTIVE
    )
    next_position = models.PositiveSmallIntegerField(default=1)
    next_at = models.DateTimeField(null=True)
    left_reason = models.CharField(max_length=50, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "patient", "subject_id", "subject_mark"], name="run_once"
            ),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_status"),
            models.CheckConstraint(
                condition=Q(status="ACTIVE", next_at__isnull=False, ended_at__isnull=True)
                | (~Q(status="ACTIVE") & Q(next_at__isnull=True, ended_at__isnull=False)),
                name="run_active_has_next",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="run_due", condition=Q(status="ACTIVE")),
            models.Index(fields=["patient", "-started_at"], name="run_by_patient"),
        ]
