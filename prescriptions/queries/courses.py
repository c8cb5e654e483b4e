"""Lines of courses with how far they have come, in one statement for any number of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.core.exceptions import PermissionDenied
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DecimalField,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest
from django.http import Http404

from appointments.models import LIVE, AppointmentStatus
from clinic.access import ANY_ROLE, plays
from clinic.models import Employee, Role, User
from prescriptions.models import START_WITHIN, LineStatus, Prescription, PrescriptionLine
from prescriptions.queries.progress import CLOSED, IN_SCHEDULE

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Counted(TypedDict):
    """What the database counts of a line: sessions ahead, attended and missing; nearest and latest.

    `book_by_at` is when the next missing session is late, `at_stake` the roubles of the missing.
    """

    ahead: int
    attended: int
    missing: int
    next_at: datetime | None
    last_at: datetime | None
    book_by_at: datetime
    at_stake: Decimal


CountedLine: TypeAlias = "WithAnnotations[PrescriptionLine, Counted]"
CountedLines: TypeAlias = "QuerySet[CountedLine]"

OPEN = tuple(status for status in LineStatus if status not in CLOSED)
SEES_ALL = frozenset({Role.ADMINISTRATOR, Role.MANAGER})
CARERS = SEES_ALL | {Role.DOCTOR}


def list_lines(*, actor: User) -> CountedLines:
    """Return the lines that the actor may see, with their progress counted by the database.

    Reception and managers see all; a doctor those he prescribed, those handed to him, and those
    that wait for a specialist and that he could carry out.
    """
    lines = PrescriptionLine.objects.select_related(
        "prescription__patient", "prescription__doctor", "prescription__branch"
    ).select_related("service", "specialist")
    if not plays(actor, SEES_ALL):
        lines = lines.filter(_is_own(Employee.objects.filter(user=actor).first()))
    return with_progress(lines)


def _is_own(employee: Employee | None) -> Q:
    if employee is None:
        return Q(pk__in=[])
    waiting = Q(
        specialist=None,
        service__in=employee.services.all(),
        prescription__branch__in=employee.branches.all(),
    )
    return Q(prescription__doctor=employee) | Q(specialist=employee) | waiting


def with_progress(lines: QuerySet[PrescriptionLine]) -> CountedLines:
    """Add what the database counts of each line."""
    in_schedule = Q(booked__appointment__status__in=IN_SCHEDULE)
    counted = lines.annotate(
        ahead=Count("booked", filter=in_schedule),
        attended=Count("booked", filter=Q(booked__appointment__status=AppointmentStatus.DONE)),
        last_at=Max(
            "booked__appointment__starts_at", filter=Q(booked__appointment__status__in=LIVE)
        ),
        next_at=Min("booked__appointment__starts_at", filter=in_schedule),
    )
    return counted.annotate(
        missing=Case(
            When(status__in=CLOSED, then=0),
            default=Greatest(F("sessions") - F("ahead") - F("attended"), 0),
        ),
        book_by_at=_book_by(),
    ).annotate(
        at_stake=ExpressionWrapper(
            F("missing") * F("service__price"), output_field=DecimalField(decimal_places=2)
        )
    )


def _book_by() -> Case:
    """When the next missing session is late.

    The longest interval after the last one, a few days after the prescription for the first, the
    due date for a repeat examination.
    """
    interval = ExpressionWrapper(
        F("every_max_days") * Value(timedelta(days=1)), output_field=DurationField()
    )
    return Case(
        When(is_repeat_exam=True, then=_later(Cast("due_on", DateTimeField()), timedelta(days=1))),
        When(last_at__isnull=False, then=_later(F("last_at") + interval, timedelta(days=1))),
        default=_later(F("prescription__created_at"), START_WITHIN),
        output_field=DateTimeField(),
    )


def _later(moment: Combinable, by: timedelta) -> Combinable:
    return ExpressionWrapper(moment + Value(by), output_field=DateTimeField())


@dataclass(frozen=True, kw_only=True)
class LineFilter:
    """What the list is narrowed to; an empty field narrows nothing.

    `state` is a `LineStatus` code, `open` (neither finished nor dropped) or `overdue`: a session
    is missing and already late.
    """

    state: str = ""
    branch_id: int | None = None
    doctor_id: int | None = None
    specialist_id: int | None = None
    kind: str = ""
    patient_key: str = ""


def filter_lines(lines: CountedLines, *, by: LineFilter, now: datetime) -> CountedLines:
    """Narrow the lines."""
    exact = {
        "prescription__branch": by.branch_id,
        "prescription__doctor": by.doctor_id,
        "specialist": by.specialist_id,
        "service__kind": by.kind,
        "prescription__patient__name_key__contains": by.patient_key,
    }
    lines = lines.filter(**{name: value for name, value in exact.items() if value})
    match by.state:
        case "":
            return lines
        case "open":
            return lines.filter(status__in=OPEN)
        case "overdue":
            return lines.filter(status__in=OPEN, missing__gt=0, book_by_at__lt=now)
        case _:
            return lines.filter(status=by.state)


def in_order_of_need(lines: CountedLines) -> CountedLines:
    """Sort: first what lacks a session, by when it is late, then by the next session."""
    is_booked = Case(When(missing__gt=0, then=0), default=1)
    return lines.order_by(is_booked, "book_by_at", "next_at", "id")


def list_waiting(lines: CountedLines, *, for_employee: Employee) -> CountedLines:
    """Narrow to what nobody has taken nor booked yet and this employee could carry out."""
    untouched = (LineStatus.PRESCRIBED, LineStatus.HANDED_OVER)
    return lines.filter(
        specialist=None, status__in=untouched, service__in=for_employee.services.all()
    )


@dataclass(frozen=True, kw_only=True)
class StateCounts:
    """Lines per state; of the open ones, those overdue and the roubles that they hold up."""

    by_status: dict[str, int]
    overdue: int
    at_stake: Decimal

    @property
    def open(self) -> int:
        return sum(self.by_status.get(status, 0) for status in OPEN)


def count_states(lines: CountedLines, *, now: datetime) -> StateCounts:
    found = lines.order_by().values("status").annotate(lines=Count("pk", distinct=True))
    late = filter_lines(lines, by=LineFilter(state="overdue"), now=now).order_by()
    sums = late.aggregate(lines=Count("pk"), roubles=Sum("at_stake"))
    return StateCounts(
        by_status={row["status"]: row["lines"] for row in found},
        overdue=sums["lines"],
        at_stake=sums["roubles"] or Decimal(0),
    )


def access_line(*, actor: User, line_id: int) -> CountedLine:
    """Return the line with its progress, for someone who may see it.

    Raises `Http404` for an account without a role and for what is not there, `PermissionDenied`
    for other colleagues.
    """
    if not plays(actor, ANY_ROLE) or not PrescriptionLine.objects.filter(pk=line_id).exists():
        raise Http404
    line = list_lines(actor=actor).filter(pk=line_id).first()
    if line is None or not plays(actor, CARERS):
        raise PermissionDenied
    return line


def access_prescription(*, actor: User, prescription_id: int) -> Prescription:
    """Return the course, for someone who may see any of its lines. Raises as `access_line`."""
    prescription = Prescription.objects.filter(pk=prescription_id).first()
    if prescription is None or not plays(actor, ANY_ROLE):
        raise Http404
    seen = list_lines(actor=actor).filter(prescription=prescription)
    if not plays(actor, CARERS) or not seen.exists():
        raise PermissionDenied
    return prescription


def list_open_lines(*, patient_id: int) -> CountedLines:
    """Return what of the patient's courses is still to be done, the oldest first."""
    lines = PrescriptionLine.objects.filter(
        prescription__patient=patient_id, status__in=OPEN
    ).select_related("service", "specialist", "prescription__doctor")
    return with_progress(lines).order_by("prescription", "position")


def is_overdue(line: CountedLine, *, now: datetime) -> bool:
    """Whether a session is missing and already late."""
    return line.status in OPEN and line.missing > 0 and line.book_by_at < now
