"""A week of one branch: who works when, and who is away."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db.models import Q

from clinic.days import day_bounds
from clinic.formats import format_clock
from clinic.models import Branch, Employee, Shift, TimeOff, TimeOffKind

DAYS = 7
LOOKS = {
    TimeOffKind.VACATION: ("beach", "success"),
    TimeOffKind.SICK_LEAVE: ("first-aid-kit", "danger"),
    TimeOffKind.UNPAID_LEAVE: ("wallet-off", "neutral"),
    TimeOffKind.PARENTAL_LEAVE: ("baby-carriage", "violet"),
    TimeOffKind.BUSINESS_TRIP: ("briefcase", "accent"),
    TimeOffKind.TRAINING: ("certificate", "violet"),
    TimeOffKind.BREAK: ("coffee", "warning"),
}


@dataclass(frozen=True, kw_only=True)
class Block:
    """What stands in a cell. `hours` are on the branch's clock, empty for the whole day.

    `kind` is `shift`, `elsewhere` (a shift at another branch, named by `label`) or `absence`.
    """

    kind: str
    id: int
    hours: str
    label: str
    icon: str
    tone: str
    is_over: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    on: date
    blocks: tuple[Block, ...]
    is_past: bool
    is_today: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """An employee's week; `worked` is the length of the shifts at this branch."""

    employee: Employee
    cells: tuple[Cell, ...]
    worked: timedelta


@dataclass(frozen=True, kw_only=True)
class Week:
    """`days` are Monday to Sunday; `columns` turn the rows for a reader who goes day by day."""

    branch: Branch
    days: tuple[date, ...]
    today: date
    rows: Sequence[Row]

    @property
    def previous(self) -> date:
        return self.days[0] - timedelta(days=DAYS)

    @property
    def following(self) -> date:
        return self.days[0] + timedelta(days=DAYS)

    @property
    def is_current(self) -> bool:
        return self.today in self.days

    @property
    def has_shifts(self) -> bool:
        return any(row.worked for row in self.rows)

    @property
    def columns(self) -> list[tuple[date, list[tuple[Employee, Cell]]]]:
        return [
            (day, [(row.employee, row.cells[number]) for row in self.rows])
            for number, day in enumerate(self.days)
        ]


def get_week(*, branch: Branch, on: date, now: datetime) -> Week:
    """Return the week that `on` belongs to, in three queries.

    The rows are those who take appointments at the branch or have a shift there that week.
    """
    monday = on - timedelta(days=on.weekday())
    days = tuple(monday + timedelta(days=number) for number in range(DAYS))
    starts, ends = day_bounds(branch, days[0])[0], day_bounds(branch, days[-1])[1]
    employees = _list_employees(branch, starts, ends)
    shifts: defaultdict[int, list[Shift]] = defaultdict(list)
    for shift in (
        Shift.objects.filter(employee__in=employees, starts_at__lt=ends, ends_at__gt=starts)
        .select_related("branch")
        .order_by("starts_at")
    ):
        shifts[shift.employee_id].append(shift)
    absences: defaultdict[int, list[TimeOff]] = defaultdict(list)
    for absence in TimeOff.objects.filter(
        employee__in=employees, starts_at__lt=ends, ends_at__gt=starts
    ).order_by("starts_at"):
        absences[absence.employee_id].append(absence)
    cell = partial(_make_cell, branch, now)
    rows = [
        Row(
            employee=employee,
            cells=tuple(cell(day, shifts[employee.pk], absences[employee.pk]) for day in days),
            worked=sum(
                (s.ends_at - s.starts_at for s in shifts[employee.pk] if s.branch_id == branch.pk),
                timedelta(),
            ),
        )
        for employee in employees
    ]
    today = now.astimezone(branch.zone).date()
    return Week(branch=branch, days=days, today=today, rows=rows)


def _list_employees(branch: Branch, starts: datetime, ends: datetime) -> list[Employee]:
    offers = Employee.services.through.objects.values("employee_id")
    working = Shift.objects.filter(branch=branch, starts_at__lt=ends, ends_at__gt=starts)
    chosen = Q(branches=branch, is_active=True, pk__in=offers)
    chosen |= Q(pk__in=working.values("employee_id"))
    found = Employee.objects.filter(chosen).distinct()
    return list(found.order_by("last_name", "first_name", "pk"))


def _make_cell(
    branch: Branch,
    now: datetime,
    on: date,
    shifts: Sequence[Shift],
    absences: Sequence[TimeOff],
) -> Cell:
    starts, ends = day_bounds(branch, on)
    today = now.astimezone(branch.zone).date()
    blocks = [
        *(
            _make_absence(absence, branch, on, now)
            for absence in absences
            if absence.starts_at < ends and absence.ends_at > starts
        ),
        *(
            _make_shift(shift, branch, now)
            for shift in shifts
            if shift.starts_at < ends and shift.ends_at > starts
        ),
    ]
    return Cell(on=on, blocks=tuple(blocks), is_past=on < today, is_today=on == today)


def _make_shift(shift: Shift, branch: Branch, now: datetime) -> Block:
    is_here = shift.branch_id == branch.pk
    return Block(
        kind="shift" if is_here else "elsewhere",
        id=shift.pk,
        hours=_hours(shift.starts_at, shift.ends_at, branch),
        label="" if is_here else shift.branch.name,
        icon="clock" if is_here else "map-pin",
        tone="accent" if is_here else "neutral",
        is_over=shift.ends_at <= now,
    )


def _make_absence(absence: TimeOff, branch: Branch, on: date, now: datetime) -> Block:
    starts, ends = day_bounds(branch, on)
    whole = absence.starts_at <= starts and absence.ends_at >= ends
    from_at, until_at = max(absence.starts_at, starts), min(absence.ends_at, ends)
    icon, tone = LOOKS[TimeOffKind(absence.kind)]
    return Block(
        kind="absence",
        id=absence.pk,
        hours="" if whole else _hours(from_at, until_at, branch),
        label=str(TimeOffKind(absence.kind).label),
        icon=icon,
        tone=tone,
        is_over=absence.ends_at <= now,
    )


def _hours(starts_at: datetime, ends_at: datetime, branch: Branch) -> str:
    """09:00–18:00; midnight at the end of a day is 24:00."""
    ends = format_clock(ends_at, branch.zone)
    if ends_at.astimezone(branch.zone).time() == time():
        ends = "24:00"
    return f"{format_clock(starts_at, branch.zone)}–{ends}"
