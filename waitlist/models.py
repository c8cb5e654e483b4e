from datetime import time

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appointments.models import Appointment
from clinic.models import Branch, Employee, Service, period
from patients.models import Patient

SUBJECT_KIND = "waitlist.offer"
"""How messages say that they are about an offer."""

WEEKDAYS = [1, 2, 3, 4, 5, 6, 7]
"""ISO: Monday is 1."""


class EntryStatus(models.TextChoices):
    WAITING = "WAITING", pgettext_lazy("waiting list", "waiting")
    BOOKED = "BOOKED", pgettext_lazy("waiting list", "booked")
    EXPIRED = "EXPIRED", pgettext_lazy("waiting list", "term ended")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("waiting list", "taken off")


ALLOWED_MOVES: dict[str, frozenset[str]] = {
    "WAITING": frozenset({"BOOKED", "EXPIRED", "WITHDRAWN"}),
    "BOOKED": frozenset({"WAITING"}),
    "EXPIRED": frozenset({"WAITING"}),
    "WITHDRAWN": frozenset({"WAITING"}),
}
"""Which status may follow which. Whoever is off the list comes back to his old place in it."""


class EndReason(models.TextChoices):
    PATIENT_ASKED = "PATIENT_ASKED", pgettext_lazy("waiting list", "the patient no longer waits")
    NO_ANSWER = "NO_ANSWER", pgettext_lazy("waiting list", "cannot be reached")
    WENT_ELSEWHERE = "WENT_ELSEWHERE", pgettext_lazy("waiting list", "went to another clinic")
    NOT_NEEDED = "NOT_NEEDED", pgettext_lazy("waiting list", "the visit is not needed")
    VISIT_GONE = "VISIT_GONE", pgettext_lazy("waiting list", "the visit to be earlier is gone")
    MISTAKE = "MISTAKE", pgettext_lazy("waiting list", "put on the list by mistake")
    OTHER = "OTHER", pgettext_lazy("waiting list", "other")


class Origin(models.TextChoices):
    DESK = "DESK", pgettext_lazy("waiting list", "reception")
    ONLINE = "ONLINE", pgettext_lazy("waiting list", "online booking")
    API = "API", pgettext_lazy("waiting list", "another system")


class Entry(models.Model):
    """A patient waits for a time for a service; a freed one is offered to him in turn.

    Empty means any: `employee`, or else any who holds the `position`; `branches`; `weekdays` (ISO,
    Monday is 1); the visit begins from `from_clock` on and before `until_clock` on the branch's
    clock; not before `from_on`. `until_on` is the last day that still helps. With `earlier_than`
    the patient has that appointment and would rather come before it: whoever takes an offer moves.
    One entry of a patient and service waits at a time. A booking of the service ends it
    (`appointment`), its last day does, or somebody by hand with `end_reason`. `key` makes a
    repeated request one.
    """

    Status = EntryStatus

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    position = models.CharField(max_length=100, blank=True)
    branches = models.ManyToManyField(Branch, related_name="+")
    earlier_than = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list)
    from_clock = models.TimeField(default=time.min)
    until_clock = models.TimeField(null=True)
    from_on = models.DateField(null=True)
    until_on = models.DateField(_("until"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    origin = models.CharField(_("came by"), max_length=10, choices=Origin)
    status = models.CharField(
        _("state"), max_length=10, choices=EntryStatus, default=EntryStatus.WAITING
    )
    end_reason = models.CharField(max_length=20, choices=EndReason, blank=True)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )
    key = models.CharField(max_length=100, unique=True)
    created_at = models.DateTimeField(_("since"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("entry of the waiting list")
        verbose_name_plural = _("entries of the waiting list")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "service"],
                condition=Q(status="WAITING"),
                name="entry_waits_once",
            ),
            models.CheckConstraint(condition=Q(status__in=EntryStatus.values), name="entry_status"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="entry_origin"),
            models.CheckConstraint(
                condition=Q(status="WAITING", ended_at__isnull=True)
                | (~Q(status="WAITING") & Q(ended_at__isnull=False)),
                name="entry_ended",
            ),
            models.CheckConstraint(
                condition=Q(status="WITHDRAWN", end_reason__in=EndReason.values)
                | (~Q(status="WITHDRAWN") & Q(end_reason="")),
                name="entry_end_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="BOOKED", appointment__isnull=False)
                | (~Q(status="BOOKED") & Q(appointment__isnull=True)),
                name="entry_appointment",
            ),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=WEEKDAYS), name="entry_weekdays"
            ),
            models.CheckConstraint(
                condition=Q(until_clock__isnull=True) | Q(from_clock__lt=F("until_clock")),
                name="entry_hours",
            ),
            models.CheckConstraint(
                condition=Q(from_on__isnull=True) | Q(from_on__lte=F("until_on")),
                name="entry_days",
            ),
            models.CheckConstraint(
                condition=Q(employee__isnull=True) | Q(position=""), name="entry_doctor"
            ),
        ]
        indexes = [
            models.Index(
                fields=["service", "created_at"],
                name="entry_waiting",
                condition=Q(status="WAITING"),
            ),
            models.Index(fields=["until_on"], name="entry_by_end", condition=Q(status="WAITING")),
            models.Index(fields=["patient", "-created_at"], name="entry_by_patient"),
            models.Index(fields=["-created_at", "-id"], name="entry_newest"),
            models.Index(
                fields=["earlier_than"],
                name="entry_earlier",
                condition=Q(earlier_than__isnull=False),
            ),
        ]


class Cause(models.TextChoices):
    """What freed a time."""

    CANCELLED = "CANCELLED", pgettext_lazy("freed time", "a visit was cancelled")
    MOVED = "MOVED", pgettext_lazy("freed time", "a visit was moved away")
    SHIFT = "SHIFT", pgettext_lazy("freed time", "a shift was added")
    RETURNED = "RETURNED", pgettext_lazy("freed time", "an absence was called off")


class OpeningStatus(models.TextChoices):
    OPEN = "OPEN", pgettext_lazy("freed time", "being offered")
    FILLED = "FILLED", pgettext_lazy("freed time", "filled")
    DECLINED = "DECLINED", pgettext_lazy("freed time", "nobody took it")
    UNWANTED = "UNWANTED", pgettext_lazy("freed time", "nobody waits for it")
    TAKEN = "TAKEN", pgettext_lazy("freed time", "booked without the list")
    PASSED = "PASSED", pgettext_lazy("freed time", "too late to offer")


class Opening(models.Model):
    """A time of an employee that has become free, and what came of offering it.

    `price` is what the visit that left would have cost, roubles; None where none did. The list is
    gone through whenever `look_at` comes; None while an offer waits for its answer, and for ever
    once the status is no longer OPEN. Opening and offers are changed only under the lock of the
    employee's diary (`appointments.actions.lock_diary`).
    """

    Status = OpeningStatus

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    cause = models.CharField(_("why it is free"), max_length=10, choices=Cause)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    status = models.CharField(
        _("state"), max_length=10, choices=OpeningStatus, default=OpeningStatus.OPEN
    )
    freed_at = models.DateTimeField(_("freed at"))
    look_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("freed time")
        verbose_name_plural = _("freed times")
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="opening_period"),
            models.CheckConstraint(
                condition=Q(status__in=OpeningStatus.values), name="opening_status"
            ),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="opening_cause"),
            models.CheckConstraint(
                condition=Q(status="OPEN", closed_at__isnull=True)
                | (~Q(status="OPEN") & Q(closed_at__isnull=False, look_at__isnull=True)),
                name="opening_closed",
            ),
            models.UniqueConstraint(
                fields=["employee", "branch", "starts_at", "ends_at"],
                condition=Q(status="OPEN"),
                name="opening_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["look_at", "id"],
                name="opening_due",
                condition=Q(look_at__isnull=False),
            ),
            models.Index(fields=["freed_at"], name="opening_by_freed"),
        ]


class OfferStatus(models.TextChoices):
    PENDING = "PENDING", pgettext_lazy("offer", "waits for an answer")
    ACCEPTED = "ACCEPTED", pgettext_lazy("offer", "accepted")
    DECLINED = "DECLINED", pgettext_lazy("offer", "declined")
    EXPIRED = "EXPIRED", pgettext_lazy("offer", "no answer in time")
    UNSENT = "UNSENT", pgettext_lazy("offer", "could not be sent")
    LOST = "LOST", pgettext_lazy("offer", "called off")


class Offer(models.Model):
    """One freed time offered to one who waits, held for him (`hold_owner`) until `expires_at`.

    `points` is his rank and what it is made of (`waitlist.queries.ranking`). PENDING is the only
    state that changes. Nobody has two offers to answer, and no time of an employee is offered to
    two at once.
    """

    Status = OfferStatus

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="offers")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="offers")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    price = models.DecimalField(max_digits=10, decimal_places=2)
    points = models.JSONField(default=dict)
    status = models.CharField(
        _("state"), max_length=10, choices=OfferStatus, default=OfferStatus.PENDING
    )
    offered_at = models.DateTimeField(_("offered at"))
    expires_at = models.DateTimeField(_("answer until"))
    answered_at = models.DateTimeField(null=True)
    by_patient = models.BooleanField(default=False)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OfferStatus.values), name="offer_status"),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at"), offered_at__lt=F("expires_at"))
                & Q(expires_at__lte=F("starts_at")),
                name="offer_times",
            ),
            models.CheckConstraint(
                condition=Q(status="PENDING", answered_at__isnull=True)
                | (~Q(status="PENDING") & Q(answered_at__isnull=False)),
                name="offer_answered",
            ),
            models.CheckConstraint(
                condition=Q(status="ACCEPTED", appointment__isnull=False)
                | (~Q(status="ACCEPTED") & Q(appointment__isnull=True)),
                name="offer_appointment",
            ),
            models.UniqueConstraint(fields=["opening", "entry"], name="offer_once"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status="PENDING"), name="offer_one_to_answer"
            ),
            ExclusionConstraint(
                name="offer_one_per_time",
                expressions=[
                    ("employee", RangeOperators.EQUAL),
                    (period(), RangeOperators.OVERLAPS),
                ],
                condition=Q(status="PENDING"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], name="offer_to_expire", condition=Q(status="PENDING")
            ),
            models.Index(fields=["entry", "-offered_at"], name="offer_by_entry"),
        ]

    @property
    def hold_owner(self) -> str:
        """The name under which the time is held, and the key with which it is booked."""
        return name_hold(opening_id=self.opening_id, entry_id=self.entry_id)

    @property
    def score(self) -> int:
        return sum(self.points.values())


def name_hold(*, opening_id: int, entry_id: int) -> str:
    """Return the owner of the hold of an offer: an opening is offered to an entry once."""
    return f"waitlist:{opening_id}:{entry_id}"
