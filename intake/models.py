from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appointments.models import Appointment
from clinic.models import Branch, Service
from patients.models import Patient, Source


class RequestKind(models.TextChoices):
    CALL = "CALL", _("call")
    FORM = "FORM", _("site form")
    CHAT = "CHAT", _("chat")
    WALK_IN = "WALK_IN", _("in person")


class RequestStatus(models.TextChoices):
    NEW = "NEW", _("new")
    IN_WORK = "IN_WORK", _("in work")
    BOOKED = "BOOKED", _("booked")
    LOST = "LOST", _("lost")


class LossReason(models.TextChoices):
    EXPENSIVE = "EXPENSIVE", _("too expensive")
    NO_TIME = "NO_TIME", _("no suitable time")
    NO_SERVICE = "NO_SERVICE", _("we do not offer it")
    NO_ANSWER = "NO_ANSWER", _("cannot be reached")
    THINKING = "THINKING", _("will think about it")
    WENT_ELSEWHERE = "WENT_ELSEWHERE", _("went to another clinic")
    SPAM = "SPAM", _("spam or a mistake")
    OTHER = "OTHER", _("other")


class Request(models.Model):
    """A first contact by call, form, chat or in person (a lead): from it the funnel begins.

    It ends BOOKED with the appointment it led to, or LOST with a reason. `key` makes a repeated
    submit the same request, and `digest` tells a repeat from another order with the same key.
    `answered_at` is when somebody of the clinic first spoke or wrote to the person.
    """

    Kind = RequestKind
    Status = RequestStatus

    kind = models.CharField(_("how"), max_length=10, choices=RequestKind)
    status = models.CharField(
        _("state"), max_length=10, choices=RequestStatus, default=RequestStatus.NEW
    )
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(pgettext_lazy("person", "name"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    comment = models.CharField(_("comment"), max_length=1000, blank=True)
    utm = models.JSONField(default=dict, blank=True)
    appointment = models.OneToOneField(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )
    loss_reason = models.CharField(max_length=20, choices=LossReason, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    key = models.CharField(max_length=100, unique=True)
    digest = models.CharField(max_length=64, blank=True, db_default="")
    created_at = models.DateTimeField(_("received at"))
    answered_at = models.DateTimeField(_("first answer"), null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="request_kind"),
            models.CheckConstraint(
                condition=Q(status="LOST", loss_reason__in=LossReason.values)
                | Q(status__in=["NEW", "IN_WORK", "BOOKED"], loss_reason=""),
                name="request_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="BOOKED") | Q(appointment__isnull=False, patient__isnull=False),
                name="request_booked_has_appointment",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at"], name="request_by_status"),
            models.Index(fields=["created_at", "id"], name="request_by_time"),
            models.Index(fields=["patient", "-created_at"], name="request_by_patient"),
        ]


class ImportStatus(models.TextChoices):
    UPLOADED = "UPLOADED", _("columns to be named")
    CHECKING = "CHECKING", _("being checked")
    CHECKED = "CHECKED", _("checked")
    RUNNING = "RUNNING", _("being imported")
    STOPPED = "STOPPED", _("stopped")
    DONE = "DONE", _("imported")
    UNDOING = "UNDOING", _("being undone")
    UNDONE = "UNDONE", _("undone")
    FAILED = "FAILED", _("failed")


class Import(models.Model):
    """A file of patients or past visits on its way in: mapped, tried, decided, done, undoable.

    `mapping` holds a field code (or "") for each of `columns`, and is remembered for the next
    file with the same columns. `rules` are the answers to what the file cannot say (a phone that
    is none, the basis of a consent). `digest` is SHA-256 of the file: the same file a second time
    changes nothing. `content` is the file itself until its rows are read. `made` holds the ids
    of catalogue entries that the import had to add. `error` is the code of what made it fail.
    """

    Status = ImportStatus

    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    about = models.CharField(max_length=100, blank=True)
    columns = models.JSONField(default=list)
    samples = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    rules = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    made = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=50, blank=True)
    status = models.CharField(
        _("state"), max_length=10, choices=ImportStatus, default=ImportStatus.UPLOADED
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ImportStatus.values), name="import_status"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="import_newest"),
            models.Index(fields=["digest"], name="import_by_digest"),
            models.Index(
                fields=["id"],
                name="import_at_work",
                condition=Q(status__in=["CHECKING", "RUNNING", "UNDOING"]),
            ),
        ]


class RowOutcome(models.TextChoices):
    WAITING = "WAITING", _("not checked yet")
    NEW = "NEW", _("new patient")
    SAME = "SAME", _("already known")
    DOUBTFUL = "DOUBTFUL", _("looks like a known patient")
    REFUSED = "REFUSED", _("refused")


class RowDecision(models.TextChoices):
    NONE = "", _("not decided")
    JOIN = "JOIN", _("the same person")
    SEPARATE = "SEPARATE", _("another person")


class ImportRow(models.Model):
    """One row of the file as it came, and what becomes of it.

    `reason` is the stable code of why it was refused, or why an undo left its patient; `remarks`
    are codes of what was left out (a phone that is none). Rows with one `identity` are one
    person. A row that `is_done` has been carried out: `patient` is whose it became (`has_added`:
    added for it) and `appointment` the past visit that it told of.
    """

    Outcome = RowOutcome

    Decision = RowDecision

    file = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    values = models.JSONField()
    outcome = models.CharField(max_length=10, choices=RowOutcome, default=RowOutcome.WAITING)
    reason = models.CharField(max_length=50, blank=True)
    remarks = models.JSONField(default=list)
    identity = models.CharField(max_length=64, blank=True)
    candidate = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=RowDecision, blank=True)
    is_done = models.BooleanField(default=False)
    has_added = models.BooleanField(default=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("import row")
        verbose_name_plural = _("import rows")
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="import_row_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=RowOutcome.values), name="import_row_outcome"
            ),
        ]
        indexes = [
            models.Index(fields=["file", "outcome", "number"], name="import_row_outcome_ix"),
            models.Index(fields=["file", "identity", "number"], name="import_row_person"),
        ]
