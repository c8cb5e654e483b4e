from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.timing import due_at

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = sorted(zone for zone in available_timezones() if "/" in zone)[::7]


def test_a_day_before_keeps_the_wall_clock_across_a_change_of_clocks() -> None:
    visit = datetime(2026, 3, 29, 10, tzinfo=BERLIN).astimezone(UTC)

    due = due_at(anchor_at=visit, offset=timedelta(days=-1), at_time=None, zone=BERLIN)

    assert due.astimezone(BERLIN) == datetime(2026, 3, 28, 10, tzinfo=BERLIN)
    assert visit - due == timedelta(hours=23)


def test_hours_are_absolute() -> None:
    ended = datetime(2026, 3, 29, 1, tzinfo=BERLIN).astimezone(UTC)

    due = due_at(anchor_at=ended, offset=timedelta(hours=2), at_time=None, zone=BERLIN)

    assert due - ended == timedelta(hours=2)


def test_another_hour_takes_the_place_of_the_anchor_s() -> None:
    visited = datetime(2026, 9, 1, 18, 45, tzinfo=UTC)

    due = due_at(anchor_at=visited, offset=timedelta(days=60), at_time=time(11), zone=BERLIN)

    assert due.astimezone(BERLIN).replace(tzinfo=None) == datetime(2026, 10, 31, 11)  # noqa: DTZ001 — the wall clock itself


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    anchor=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 — made aware below
    days=st.integers(-10, 120),
    hour=st.integers(0, 23),
)
def test_at_time_is_that_time_on_the_branch_s_clock(
    zone: str, anchor: datetime, days: int, hour: int
) -> None:
    tz = ZoneInfo(zone)
    anchor_at = anchor.replace(tzinfo=UTC)

    due = due_at(
        anchor_at=anchor_at, offset=timedelta(days=days), at_time=time(hour), zone=tz
    ).astimezone(tz)

    expected = anchor_at.astimezone(tz).date() + timedelta(days=days)
    skipped = timedelta(hours=24) if due.date() != expected else timedelta(0)
    assert (due.date(), due.hour) == (expected, hour) or skipped or _in_gap(expected, hour, tz)


def _in_gap(day: date, hour: int, tz: ZoneInfo) -> bool:
    wall = datetime.combine(day, time(hour), tzinfo=tz)
    return wall.astimezone(UTC).astimezone(tz).replace(tzinfo=None) != wall.replace(tzinfo=None)
