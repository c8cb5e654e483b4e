from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Device, Employee, Room, Service, period, period_with_buffers
from patients.models import Patient, Source


class AppointmentStatus(models.TextChoices):
    BOOKED = "BOOKED", pgettext_lazy("appointment", "booked")
    CONFIRMED = "CONFIRMED", pgettext_lazy("appointment", "confirmed")
    ARRIVED = "ARRIVED", pgettext_lazy("appointment", "arrived")
    IN_PROGRESS = "IN_PROGRESS", pgettext_lazy("appointment", "in progress")
    DONE = "DONE", pgettext_lazy("appointment", "done")
    CANCELLED = "CANCELLED", pgettext_lazy("appointment", "cancelled")
    NO_SHOW = "NO_SHOW", pgettext_lazy("appointment", "did not come")


LIVE = ("BOOKED", "CONFIRMED", "ARRIVED", "IN_PROGRESS", "DONE")
"""Statuses that occupy the employee, the room and the patient."""

SUBJECT_KIND = "appointments.appointment"
"""How tasks and messages say that they are about an appointment."""

UPCOMING = ("BOOKED", "CONFIRMED")
"""Statuses of a visit that has not begun: it can be moved, cancelled, reminded."""

ALLOWED_MOVES: dict[str, frozenset[str]] = {
    "BOOKED": frozenset({"CONFIRMED", "ARRIVED", "CANCELLED", "NO_SHOW"}),
    "CONFIRMED": frozenset({"BOOKED", "ARRIVED", "CANCELLED", "NO_SHOW"}),
    "ARRIVED": frozenset({"IN_PROGRESS", "DONE", "BOOKED", "CONFIRMED"}),
    "IN_PROGRESS": frozenset({"DONE", "ARRIVED"}),
    "DONE": frozenset({"IN_PROGRESS"}),
    "CANCELLED": frozenset({"BOOKED"}),
    "NO_SHOW": frozenset({"BOOKED", "ARRIVED"}),
}
"""Which status may follow which. Back steps undo a mis-click; DONE goes back only while no
money is on the visit (`reopen_visit`)."""


class CancelReason(models.TextChoices):
    PATIENT_ASKED = "PATIENT_ASKED", pgettext_lazy("appointment", "the patient asked")
    ILLNESS = "ILLNESS", pgettext_lazy("appointment", "the patient fell ill")
    EXPENSIVE = "EXPENSIVE", pgettext_lazy("appointment", "too expensive")
    WENT_ELSEWHERE = "WENT_ELSEWHERE", pgettext_lazy("appointment", "went to another clinic")
    DOCTOR_ABSENT = "DOCTOR_ABSENT", pgettext_lazy("appointment", "the doctor is absent")
    MISTAKE = "MISTAKE", pgettext_lazy("appointment", "booked by mistake")
    BY_LINK = "BY_LINK", pgettext_lazy("appointment", "cancelled by the link")
    OTHER = "OTHER", pgettext_lazy("appointment", "other")


class Taking(models.Model):
    """What takes an employee, and perhaps a place in a room and at a device, for a time.

    From `starts_at` to `ends_at` the patient is there; the employee is taken with the buffers
    around that (`occupied`), room and device too if `buffer_in_room` (`room_occupied`). The
    database computes both. A room or device for several visits at once has numbered places, and
    one of them is taken (`room_unit`, `device_unit`, from 1).
    """

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, related_name="+")
    room_unit = models.PositiveSmallIntegerField(default=1, db_default=1)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    device_unit = models.PositiveSmallIntegerField(default=1, db_default=1)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    buffer_before = models.DurationField(default=timedelta(0), db_default=timedelta(0))
    buffer_after = models.DurationField(default=timedelta(0), db_default=timedelta(0))
    buffer_in_room = models.BooleanField(default=False, db_default=False)
    occupied = models.GeneratedField(
        expression=period_with_buffers(), output_field=DateTimeRangeField(), db_persist=True
    )
    room_occupied = models.GeneratedField(
        expression=Case(
            When(buffer_in_room=True, then=period_with_buffers()),
            default=period(),
            output_field=DateTimeRangeField(),
        ),
        output_field=DateTimeRangeField(),
        db_persist=True,
    )

    class Meta:
        abstract = True


class Appointment(Taking):
    """A booked interval of a patient with an employee for one service.

    Nobody and nothing is booked twice: exclusion constraints hold for the statuses in `LIVE`.
    `version` grows with every change; a caller that shows it back proves that it saw the newest
    state (stale drags are refused). `price` is what was quoted at booking. `key` makes a
    repeated request the same booking, and `digest` tells a repeat from another order with the
    same key. Appointments with one `bundle` are the services of one visit.
    """

    Status = AppointmentStatus

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        _("state"), max_length=12, choices=AppointmentStatus, default=AppointmentStatus.BOOKED
    )
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    note = models.CharField(_("note"), max_length=500, blank=True)
    cancel_reason = models.CharField(max_length=20, choices=CancelReason, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    wants_move = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=100, unique=True)
    digest = models.CharField(max_length=64, blank=True, db_default="")
    bundle = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="appointment_period"
            ),
            models.CheckConstraint(
                condition=Q(status__in=AppointmentStatus.values), name="appointment_status"
            ),
            models.CheckConstraint(
                condition=Q(status="CANCELLED", cancel_reason__in=CancelReason.values)
                | (~Q(status="CANCELLED") & Q(cancel_reason="")),
                name="appointment_cancel_reason",
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="appointment_price"),
            models.CheckConstraint(
                condition=Q(buffer_before__gte="00:00:00", buffer_after__gte="00:00:00"),
                name="appointment_buffers",
            ),
            ExclusionConstraint(
                name="appointment_one_per_employee",
                expressions=[
                    ("employee", RangeOperators.EQUAL),
                    ("occupied", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE),
            ),
            ExclusionConstraint(
                name="appointment_one_per_room",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    ("room_unit", RangeOperators.EQUAL),
                    ("room_occupied", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE, room__isnull=False),
            ),
            ExclusionConstraint(
                name="appointment_one_per_device",
                expressions=[
                    ("device", RangeOperators.EQUAL),
                    ("device_unit", RangeOperators.EQUAL),
                    ("room_occupied", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE, device__isnull=False),
            ),
            ExclusionConstraint(
                name="appointment_one_per_patient",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    (period(), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE),
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "starts_at"], name="appointment_by_branch"),
            models.Index(fields=["employee", "starts_at"], name="appointment_by_employee"),
            models.Index(fields=["patient", "-starts_at"], name="appointment_by_patient"),
            models.Index(fields=["starts_at", "id"], name="appointment_by_start"),
            models.Index(
                fields=["bundle"],
                name="appointment_by_bundle",
                condition=Q(bundle__isnull=False),
            ),
        ]


class Hold(Taking):
    """A time that somebody is about to book: nobody else can until `expires_at`.

    `owner` says whose it is and is unique: whoever chooses another time holds that one instead.
    Between themselves holds exclude each other as appointments do; between holds and appointments a
    trigger does (`migrations/0008_hold.py`), under the locks that booking takes.
    """

    owner = models.CharField(max_length=120, unique=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="hold_period"),
            ExclusionConstraint(
                name="hold_one_per_employee",
                expressions=[
                    ("employee", RangeOperators.EQUAL),
                    ("occupied", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="hold_one_per_room",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    ("room_unit", RangeOperators.EQUAL),
                    ("room_occupied", RangeOperators.OVERLAPS),
                ],
                condition=Q(room__isnull=False),
            ),
            ExclusionConstraint(
                name="hold_one_per_device",
                expressions=[
                    ("device", RangeOperators.EQUAL),
                    ("device_unit", RangeOperators.EQUAL),
                    ("room_occupied", RangeOperators.OVERLAPS),
                ],
                condition=Q(device__isnull=False),
            ),
        ]
