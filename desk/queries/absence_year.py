"""A year of absences: people down, days across."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.days import day_bounds
from clinic.models import Branch, BranchDay, Employee, TimeOff, TimeOffKind

LONG = [kind for kind in TimeOffKind if kind != TimeOffKind.BREAK]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """An absence in the year; `first` and `length` are days, from 0 on 1 January."""

    id: int
    kind: str
    label: str
    starts_on: date
    ends_on: date
    first: int
    length: int


@dataclass(frozen=True, kw_only=True)
class Month:
    on: date
    first: int
    length: int


@dataclass(frozen=True, kw_only=True)
class Person:
    """`totals` are calendar days away by the label of the kind, half days counted as days."""

    employee: Employee
    bars: Sequence[Bar]
    totals: Sequence[tuple[str, int]]


@dataclass(frozen=True, kw_only=True)
class AbsenceYear:
    """`days` is the length of the year; `closed` are days of the branch; `today` may be outside."""

    year: int
    days: int
    months: Sequence[Month]
    people: Sequence[Person]
    closed: Sequence[int]
    today: int | None


def get_absence_year(*, branch: Branch, year: int, today: date) -> AbsenceYear:
    """Return the year of everybody who works at the branch, in three queries; breaks left out."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    employees = list(
        Employee.objects.filter(branches=branch, is_active=True).order_by(
            "last_name", "first_name", "pk"
        )
    )
    by_employee: defaultdict[int, list[Bar]] = defaultdict(list)
    for row in TimeOff.objects.filter(
        employee__in=employees,
        kind__in=LONG,
        starts_at__lt=day_bounds(branch, end)[1],
        ends_at__gt=day_bounds(branch, start)[0],
    ).order_by("starts_at"):
        by_employee[row.employee_id].append(_draw(row, branch, start, end))
    closed = BranchDay.objects.filter(
        branch=branch, kind=BranchDay.Kind.CLOSED, on__gte=start, on__lte=end
    )
    return AbsenceYear(
        year=year,
        days=(end - start).days + 1,
        months=[_month(year, number, start) for number in range(1, 13)],
        people=[
            Person(
                employee=employee,
                bars=by_employee[employee.pk],
                totals=_count(by_employee[employee.pk]),
            )
            for employee in employees
        ],
        closed=[(on - start).days for on in closed.values_list("on", flat=True)],
        today=(today - start).days if start <= today <= end else None,
    )


def _draw(row: TimeOff, branch: Branch, start: date, end: date) -> Bar:
    last = row.ends_at.astimezone(branch.zone) - timedelta(microseconds=1)
    starts_on = max(row.starts_at.astimezone(branch.zone).date(), start)
    ends_on = min(last.date(), end)
    return Bar(
        id=row.pk,
        kind=row.kind,
        label=str(TimeOffKind(row.kind).label),
        starts_on=starts_on,
        ends_on=ends_on,
        first=(starts_on - start).days,
        length=(ends_on - starts_on).days + 1,
    )


def _month(year: int, number: int, start: date) -> Month:
    on = date(year, number, 1)
    after = date(year + number // 12, number % 12 + 1, 1)
    return Month(on=on, first=(on - start).days, length=(after - on).days)


def _count(bars: Sequence[Bar]) -> list[tuple[str, int]]:
    """Days away by kind; a day with two absences of a kind counts once."""
    days: defaultdict[str, set[int]] = defaultdict(set)
    for bar in bars:
        days[bar.label].update(range(bar.first, bar.first + bar.length))
    return [(label, len(found)) for label, found in days.items()]
