from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.hours import DecentHours

DAYTIME = DecentHours(time(10), time(20))
MOSCOW = ZoneInfo("Europe/Moscow")
ZONES = ["Europe/Moscow", "Asia/Novosibirsk", "Asia/Almaty", "Europe/Volgograd", "Europe/Berlin"]


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-12-01T10:00", "2026-12-01T10:00"),
        ("2026-12-01T19:59:59", "2026-12-01T19:59:59"),
        ("2026-12-01T20:00", "2026-12-02T10:00"),
        ("2026-12-01T09:59", "2026-12-01T10:00"),
        ("2026-12-31T23:00", "2027-01-01T10:00"),
    ],
)
def test_the_next_decent_moment(local: str, expected: str) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=MOSCOW)

    found = DAYTIME.next_moment(at, zone=MOSCOW)

    assert found == datetime.fromisoformat(expected).replace(tzinfo=MOSCOW)


@given(
    at=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 — made aware below
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    since=st.integers(0, 22),
    hours=st.integers(1, 23),
)
def test_it_is_decent_not_earlier_and_within_a_day(
    at: datetime, zone: ZoneInfo, since: int, hours: int
) -> None:
    rule = DecentHours(time(since), time(min(since + hours, 23), 59))
    moment = at.replace(tzinfo=UTC)

    found = rule.next_moment(moment, zone=zone)

    # A clock put forward at the opening moves it by the hour that does not exist.
    shown = found.astimezone(zone).time().replace(tzinfo=None)
    assert rule.since <= shown < rule.until
    assert moment <= found <= moment + timedelta(hours=25)
