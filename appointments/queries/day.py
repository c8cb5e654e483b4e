"""One day of one branch, as the board shows it: who sees patients when, and who comes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from appointments.models import UPCOMING, Appointment, AppointmentStatus, Hold
from clinic.days import day_bounds
from clinic.models import Branch, Employee, Shift, TimeOff
from clinic.queries import name_of

Interval = tuple[datetime, datetime]

COPIED = (
    "id", "version", "employee_id", "patient_id", "starts_at", "ends_at", "status", "wants_move",
    "note", "price", "buffer_before", "buffer_after",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Column:
    """An employee who sees patients that day; `shifts` are those at this branch."""

    employee_id: int
    name: str
    position: str
    shifts: tuple[Interval, ...]


@dataclass(frozen=True, kw_only=True)
class Absence:
    """A break or a longer time off that day; `kind` is a `TimeOffKind` code."""

    employee_id: int
    kind: str
    note: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An appointment of the day. `debt` is roubles still owed for its finished visit.

    The buffers are the employee's time before and after it. `room` names the device too.
    """

    id: int
    version: int
    employee_id: int
    patient_id: int
    patient: str
    service: str
    room: str
    starts_at: datetime
    ends_at: datetime
    status: str
    wants_move: bool
    note: str
    price: Decimal
    buffer_before: timedelta
    buffer_after: timedelta
    debt: Decimal
    visit_id: int | None

    def is_late(self, now: datetime) -> bool:
        """The time has come, the patient has not."""
        return self.status in UPCOMING and self.starts_at <= now


@dataclass(frozen=True, kw_only=True)
class Held:
    """A time that somebody is about to book; `who` is empty for another system."""

    employee_id: int
    who: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Day:
    branch: Branch
    on: date
    columns: Sequence[Column]
    absences: Sequence[Absence]
    entries: Sequence[Entry]
    holds: Sequence[Held] = ()


def list_day(
    *, branch: Branch, on: date, everybody: bool = False, now: datetime | None = None
) -> Day:
    """Return the day of the branch in five queries; cancelled appointments are left out.

    With `now` also the times that are held at that moment.

    The columns are those who have a shift or an appointment there that day; with `everybody` all
    who take appointments at the branch. Columns are in the order of names, entries of time.
    """
    starts, ends = day_bounds(branch, on)
    entries = _list_entries(branch, starts, ends)
    shifts = list(
        Shift.objects.filter(branch=branch, starts_at__lt=ends, ends_at__gt=starts)
        .order_by("starts_at")
        .values_list("employee_id", "starts_at", "ends_at")
    )
    working = {employee_id for employee_id, _starts_at, _ends_at in shifts}
    working.update(entry.employee_id for entry in entries)
    columns = [
        Column(
            employee_id=employee.pk,
            name=employee.short_name,
            position=employee.position,
            shifts=tuple(
                (starts_at, ends_at)
                for employee_id, starts_at, ends_at in shifts
                if employee_id == employee.pk
            ),
        )
        for employee in _list_employees(branch, working, everybody=everybody)
    ]
    return Day(
        branch=branch,
        on=on,
        columns=columns,
        absences=_list_absences({column.employee_id for column in columns}, starts, ends),
        entries=entries,
        holds=_list_holds(branch, starts, ends, now=now) if now else [],
    )


def list_gaps(*, within: Interval, periods: Iterable[Interval]) -> list[Interval]:
    """Return what of `within` none of the periods (sorted, apart) covers."""
    gaps, reached = [], within[0]
    for starts, ends in periods:
        if starts > reached:
            gaps.append((reached, min(starts, within[1])))
        reached = max(reached, ends)
    if reached < within[1]:
        gaps.append((reached, within[1]))
    return gaps


def _list_employees(
    branch: Branch, working: Collection[int], *, everybody: bool
) -> Iterable[Employee]:
    chosen = Q(pk__in=working)
    if everybody:
        offers = Employee.services.through.objects.values("employee_id")
        chosen |= Q(branches=branch, is_active=True, pk__in=offers)
    return Employee.objects.filter(chosen).distinct().order_by("last_name", "first_name", "pk")


def _list_absences(
    employee_ids: Collection[int], starts: datetime, ends: datetime
) -> list[Absence]:
    found = TimeOff.objects.filter(
        employee_id__in=employee_ids, starts_at__lt=ends, ends_at__gt=starts
    ).order_by("starts_at")
    return [
        Absence(
            employee_id=row.employee_id,
            kind=row.kind,
            note=row.note,
            starts_at=max(row.starts_at, starts),
            ends_at=min(row.ends_at, ends),
        )
        for row in found
    ]


def _list_holds(branch: Branch, starts: datetime, ends: datetime, *, now: datetime) -> list[Held]:
    found = Hold.objects.filter(
        branch=branch, starts_at__gte=starts, starts_at__lt=ends, expires_at__gt=now
    ).select_related("held_by__employee")
    return [
        Held(
            employee_id=row.employee_id,
            who=name_of(row.held_by) if row.held_by else "",
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            expires_at=row.expires_at,
        )
        for row in found.order_by("starts_at")
    ]


def _list_entries(branch: Branch, starts: datetime, ends: datetime) -> list[Entry]:
    rows = (
        Appointment.objects.filter(branch=branch, starts_at__gte=starts, starts_at__lt=ends)
        .exclude(status=AppointmentStatus.CANCELLED)
        .order_by("starts_at", "id")
        .values(
            *COPIED,
            "visit__pk",
            "patient__last_name",
            "patient__first_name",
            "patient__middle_name",
            "service__name",
            "room__name",
            "device__name",
            debt=Coalesce(F("visit__total") - F("visit__paid"), Decimal(0)),
        )
    )
    return [_entry(row) for row in rows]


def _entry(row: Mapping[str, Any]) -> Entry:
    names = (row[f"patient__{part}_name"] for part in ("last", "first", "middle"))
    return Entry(
        patient=" ".join(filter(None, names)),
        service=row["service__name"],
        room=", ".join(filter(None, [row["room__name"], row["device__name"]])),
        visit_id=row["visit__pk"],
        debt=row["debt"],
        **{name: row[name] for name in COPIED},
    )
