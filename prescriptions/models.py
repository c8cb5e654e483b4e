from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appointments.models import Appointment
from clinic.models import Branch, Employee, Service
from patients.models import Patient

START_WITHIN = timedelta(days=3)
"""How soon after the prescription a course should begin."""


class Prescription(models.Model):
    """A course that a doctor prescribed to a patient. `key` makes a repeated submit the same."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    doctor = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.CharField(_("note for reception"), max_length=500, blank=True)
    key = models.CharField(max_length=100, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("prescription")
        verbose_name_plural = _("prescriptions")
        indexes = [models.Index(fields=["patient", "-created_at"], name="prescription_by_patient")]


class LineStatus(models.TextChoices):
    PRESCRIBED = "PRESCRIBED", pgettext_lazy("course", "prescribed")
    HANDED_OVER = "HANDED_OVER", pgettext_lazy("course", "handed over")
    BOOKED = "BOOKED", pgettext_lazy("course", "booked")
    ATTENDED = "ATTENDED", pgettext_lazy("course", "attended")
    FINISHED = "FINISHED", pgettext_lazy("course", "finished")
    DROPPED = "DROPPED", pgettext_lazy("course", "dropped")


class DropReason(models.TextChoices):
    EXPENSIVE = "EXPENSIVE", _("too expensive")
    NO_TIME = "NO_TIME", _("no time")
    FEELS_BETTER = "FEELS_BETTER", _("feels better")
    WENT_ELSEWHERE = "WENT_ELSEWHERE", _("went to another clinic")
    DISSATISFIED = "DISSATISFIED", _("was not satisfied")
    CONTRAINDICATED = "CONTRAINDICATED", _("contraindicated")
    NO_ANSWER = "NO_ANSWER", _("cannot be reached")
    OTHER = "OTHER", _("other")


class PrescriptionLine(models.Model):
    """N sessions of a service, each `every_min_days`–`every_max_days` after the one before.

    PRESCRIBED by the doctor → HANDED_OVER once `specialist` or reception took it → BOOKED while
    a session stands in the schedule → ATTENDED once one took place → FINISHED when all did, or
    DROPPED with a reason (`actions.lines` has the picture). A repeat examination is a line of one
    session, `every_min_days`–`every_max_days` after the other lines are over.
    """

    Status = LineStatus

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    sessions = models.PositiveSmallIntegerField(_("sessions"))
    every_min_days = models.PositiveSmallIntegerField(_("not sooner than, days"), default=1)
    every_max_days = models.PositiveSmallIntegerField(_("not later than, days"), default=7)
    is_repeat_exam = models.BooleanField(_("repeat examination"), default=False)
    due_on = models.DateField(_("to be finished by"), null=True)
    specialist = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        _("state"), max_length=12, choices=LineStatus, default=LineStatus.PRESCRIBED
    )
    drop_reason = models.CharField(max_length=20, choices=DropReason, blank=True)
    drop_note = models.CharField(max_length=300, blank=True)
    handed_over_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("course line")
        verbose_name_plural = _("course lines")
        constraints = [
            models.UniqueConstraint(fields=["prescription", "position"], name="line_position"),
            models.CheckConstraint(
                condition=Q(sessions__gte=1, sessions__lte=60), name="line_sessions"
            ),
            models.CheckConstraint(
                condition=Q(every_min_days__lte=F("every_max_days")), name="line_interval"
            ),
            models.CheckConstraint(condition=Q(status__in=LineStatus.values), name="line_status"),
            models.CheckConstraint(
                condition=Q(status="DROPPED", drop_reason__in=DropReason.values)
                | (~Q(status="DROPPED") & Q(drop_reason="")),
                name="line_drop_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="line_by_status"),
            models.Index(fields=["specialist", "status"], name="line_by_specialist"),
        ]


class Session(models.Model):
    """An appointment that carries out one session of a line."""

    line = models.ForeignKey(PrescriptionLine, on_delete=models.PROTECT, related_name="booked")
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
