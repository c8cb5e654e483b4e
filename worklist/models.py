from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Employee, Role
from patients.models import Patient


class TaskKind(models.TextChoices):
    CALL_NO_SHOW = "CALL_NO_SHOW", _("call: did not come")
    CALL_MOVE = "CALL_MOVE", _("call: asks to move the visit")
    CALL_OUTSIDE = "CALL_OUTSIDE", _("call: nobody is there at the booked time")
    CALL_CONFIRM = "CALL_CONFIRM", _("call: has not confirmed")
    CALL_BACK = "CALL_BACK", _("call: has not been for long")
    CALL_REQUEST = "CALL_REQUEST", _("answer a request")
    BOOK_COURSE = "BOOK_COURSE", _("book a prescribed course")
    OTHER = "OTHER", _("other")


class TaskStatus(models.TextChoices):
    OPEN = "OPEN", _("open")
    DONE = "DONE", pgettext_lazy("task", "done")
    CANCELLED = "CANCELLED", _("no longer needed")


class CallOutcome(models.TextChoices):
    AGREED = "AGREED", _("agreed")
    NO_ANSWER = "NO_ANSWER", _("no answer")
    CALL_LATER = "CALL_LATER", _("asked to call later")
    REFUSED = "REFUSED", pgettext_lazy("call outcome", "refused")


class Task(models.Model):
    """What an employee must do for a patient, closed by evidence wherever there is any.

    `source` is unique while it says what asked for the task (`no-show:17`), so that a retry
    opens nothing twice. `role` is whose list it stands in; `assignee` takes it from there.
    `subject_kind`/`subject_id` name what it is about (`prescriptions.line`, 42). `attempts` counts
    the calls made; while the task is open `result` is how the last of them went.
    """

    Kind = TaskKind

    Status = TaskStatus

    kind = models.CharField(_("kind"), max_length=20, choices=TaskKind)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(_("for"), max_length=20, choices=Role, default=Role.ADMINISTRATOR)
    assignee = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("note"), max_length=500, blank=True)
    source = models.CharField(max_length=100, unique=True)
    subject_kind = models.CharField(max_length=50, blank=True)
    subject_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField(_("due"))
    status = models.CharField(
        _("state"), max_length=10, choices=TaskStatus, default=TaskStatus.OPEN
    )
    result = models.CharField(_("result"), max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TaskStatus.values), name="task_status"),
            models.CheckConstraint(
                condition=Q(kind__in=TaskKind.values),
                name="task_kind",
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", closed_at__isnull=True)
                | (~Q(status="OPEN") & Q(closed_at__isnull=False)),
                name="task_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["role", "due_at", "id"], name="task_open", condition=Q(status="OPEN")
            ),
            models.Index(fields=["patient", "-created_at"], name="task_by_patient"),
            models.Index(fields=["subject_kind", "subject_id"], name="task_by_subject"),
        ]
