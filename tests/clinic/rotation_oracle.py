"""Which shifts a rotation means, day by day with a calendar and a clock on the wall."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from clinic.actions import DayHours

# An ordinary winter, both changes of the clock, the ends of years, a leap day, zones off the hour.
PLACES = [
    ("Europe/Moscow", date(2026, 12, 20)),
    ("Europe/Berlin", date(2027, 3, 20)),
    ("Europe/Berlin", date(2027, 10, 20)),
    ("America/New_York", date(2028, 2, 20)),
    ("Asia/Kathmandu", date(2026, 12, 25)),
    ("Australia/Lord_Howe", date(2027, 3, 25)),
    ("Australia/Lord_Howe", date(2027, 9, 25)),
    ("America/St_Johns", date(2027, 3, 1)),
]
OPENS, CLOSES = time(1), time(23)


@dataclass(frozen=True)
class Plan:
    zone: str
    first: date
    length: int
    cycle_days: int
    anchor_on: date
    starts_on: date
    ends_on: date | None
    days: tuple[DayHours, ...]
    closed: tuple[date, ...]
    short: tuple[date, ...]

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.length - 1)


def _quarters(*numbers: int) -> list[time]:
    return [time(*divmod(number * 15, 60)) for number in numbers]


@st.composite
def hours(draw: st.DrawFn, number: int) -> DayHours:
    marks = sorted(draw(st.sets(st.integers(0, 95), min_size=2, max_size=4)))
    clock = _quarters(*marks)
    if len(clock) < 4:
        return DayHours(number=number, starts=clock[0], ends=clock[-1])
    return DayHours(
        number=number,
        starts=clock[0],
        break_starts=clock[1],
        break_ends=clock[2],
        ends=clock[3],
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    zone, first = draw(st.sampled_from(PLACES))
    cycle_days = draw(st.sampled_from([1, 2, 4, 7, 14, 9]))
    worked = draw(st.sets(st.integers(0, cycle_days - 1), min_size=1))
    near = st.integers(-20, 40).map(lambda days: first + timedelta(days=days))
    starts_on = draw(st.one_of(st.just(first - timedelta(days=400)), near))
    ends_on = draw(st.one_of(st.none(), near))
    return Plan(
        zone=zone,
        first=first,
        length=draw(st.integers(1, 45)),
        cycle_days=cycle_days,
        anchor_on=draw(st.one_of(near, st.just(date(2020, 2, 29)), st.just(date(2030, 1, 1)))),
        starts_on=starts_on,
        ends_on=ends_on if ends_on is None else max(starts_on, ends_on),
        days=tuple(draw(hours(number)) for number in sorted(worked)),
        closed=tuple(draw(st.sets(near, max_size=3))),
        short=tuple(draw(st.sets(near, max_size=3))),
    )


SHORT = (time(9, 30), time(15))


def _instant(on: date, clock: time, zone: ZoneInfo) -> datetime:
    """A skipped time by the old offset, a doubled one by the new: as the database reads clocks."""
    late = datetime.combine(on, clock, tzinfo=zone).replace(fold=1)
    back = late.astimezone(UTC).astimezone(zone)
    exists = back.replace(tzinfo=None) == late.replace(tzinfo=None)
    return (late if exists else late.replace(fold=0)).astimezone(UTC)


def list_shifts(plan: Plan) -> list[tuple[datetime, datetime]]:
    """Walk the days one by one, counting through the cycle on the fingers."""
    zone, by_number = ZoneInfo(plan.zone), {day.number: day for day in plan.days}
    shifts: list[tuple[datetime, datetime]] = []
    on = plan.first
    while on <= plan.last:
        number = _count(plan.anchor_on, on, plan.cycle_days)
        holds = plan.starts_on <= on and (plan.ends_on is None or on <= plan.ends_on)
        if holds and on not in plan.closed and number in by_number:
            opens, closes = SHORT if on in plan.short else (OPENS, CLOSES)
            for starts, ends in _parts(by_number[number]):
                wall = max(starts, opens), min(ends, closes)
                period = _instant(on, wall[0], zone), _instant(on, wall[1], zone)
                if wall[0] < wall[1] and period[0] < period[1]:
                    shifts.append(period)
        on += timedelta(days=1)
    return sorted(shifts)


def _count(anchor_on: date, on: date, cycle_days: int) -> int:
    number, day, step = 0, anchor_on, 1 if on >= anchor_on else -1
    while day != on:
        day += timedelta(days=step)
        number += step
        if number == cycle_days:
            number = 0
        elif number < 0:
            number = cycle_days - 1
    return number


def _parts(day: DayHours) -> list[tuple[time, time]]:
    if day.break_starts is None or day.break_ends is None:
        return [(day.starts, day.ends)]
    return [(day.starts, day.break_starts), (day.break_ends, day.ends)]
