"""Where a request has come by now: one code for each, the same for counts and for rows.

`lost:<reason>` and `open:<state>` got no appointment. Of an appointment: `cancelled:<reason>`,
`no_show`, `ahead` (still to come), `unmarked` (its time is over, nobody said how it ended), `here`
(in the clinic now). Of a visit that took place: `again` (a later one took place too), and without
one `rebooked`, `recent` (fewer than 60 days ago) or `silent`.
"""

from datetime import datetime, timedelta

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from appointments.models import UPCOMING, Appointment, AppointmentStatus
from intake.models import RequestStatus

SILENT_AFTER = timedelta(days=60)

STEPS = ("requests", "booked", "came", "again")
CAME = ("rebooked", "recent", "silent")
NOT_BOOKED = ("lost:", "open:")


def outcome_of(now: datetime) -> Case:
    """The outcome of a `Request` as of `now`."""
    status = "appointment__status"
    return Case(
        When(
            appointment__isnull=True,
            status=RequestStatus.LOST,
            then=Concat(Value("lost:"), F("loss_reason")),
        ),
        When(appointment__isnull=True, then=Concat(Value("open:"), F("status"))),
        When(
            Q((status, AppointmentStatus.CANCELLED)),
            then=Concat(Value("cancelled:"), F("appointment__cancel_reason")),
        ),
        When(Q((status, AppointmentStatus.NO_SHOW)), then=Value("no_show")),
        When(Q((f"{status}__in", UPCOMING), appointment__starts_at__gte=now), then=Value("ahead")),
        When(Q((f"{status}__in", UPCOMING)), then=Value("unmarked")),
        When(~Q((status, AppointmentStatus.DONE)), then=Value("here")),
        When(Exists(later_visits()), then=Value("again")),
        When(Exists(visits_ahead(now)), then=Value("rebooked")),
        When(appointment__starts_at__gt=now - SILENT_AFTER, then=Value("recent")),
        default=Value("silent"),
        output_field=CharField(),
    )


def later_visits() -> QuerySet[Appointment]:
    return Appointment.objects.filter(
        patient=OuterRef("appointment__patient"),
        starts_at__gt=OuterRef("appointment__starts_at"),
        status=AppointmentStatus.DONE,
    )


def visits_ahead(now: datetime) -> QuerySet[Appointment]:
    return Appointment.objects.filter(
        patient=OuterRef("appointment__patient"), starts_at__gte=now, status__in=UPCOMING
    )


def is_in_step(step: str, outcome: str) -> bool:
    """Whether a request with this outcome has come as far as the step."""
    match step:
        case "requests":
            return True
        case "booked":
            return not outcome.startswith(NOT_BOOKED)
        case "came":
            return outcome in CAME or outcome == "again"
    return outcome == "again"


def step_of(outcome: str) -> str:
    """The last step that a request with this outcome has reached."""
    return next(step for step in reversed(STEPS) if is_in_step(step, outcome))


def in_step(step: str) -> Q:
    """`is_in_step` as a condition over requests annotated with `outcome`."""
    match step:
        case "requests":
            return Q()
        case "booked":
            return ~Q(outcome__startswith="lost:") & ~Q(outcome__startswith="open:")
        case "came":
            return Q(outcome__in=[*CAME, "again"])
    return Q(outcome="again")
