from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from clinic import formats

MOMENT = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_russian() -> Iterator[None]:
    with translation.override("ru"):
        yield


def plain(text: str) -> str:
    assert " " not in text
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_money_never_breaks_over_two_lines() -> None:
    assert plain(formats.format_money(Decimal(1234567))) == "1 234 567,00 ₽"
    assert plain(formats.format_money(Decimal("-0.50"))) == "-0,50 ₽"
    assert plain(formats.format_roubles(Decimal("1234.56"))) == "1 235 ₽"


def test_money_in_english() -> None:
    with translation.override("en"):
        assert plain(formats.format_money(Decimal("1234567.5"))) == "1,234,567.50 ₽"


def test_a_share_shows_what_it_is_a_share_of() -> None:
    assert formats.format_share(12, 40).split(" ") == [
        "30\N{NO-BREAK SPACE}%",
        "(12\N{NO-BREAK SPACE}из\N{NO-BREAK SPACE}40)",
    ]
    assert formats.format_share(0, 0) == "—"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("+79123456789", "+7 912 345-67-89"),
        ("89123456789", "+7 912 345-67-89"),
        ("+4915112345678", "+49 1511 2345678"),
    ],
)
def test_a_phone_is_written_to_be_read_aloud(typed: str, written: str) -> None:
    assert plain(formats.format_phone(typed)) == written


def test_what_is_no_phone_stays_as_it_was() -> None:
    assert formats.format_phone("спросить у мамы") == "спросить у мамы"
    assert formats.format_phone(None) == ""


def test_times_are_those_on_the_wall_of_the_branch() -> None:
    assert formats.format_moment(MOMENT, ZoneInfo("Europe/Moscow")) == "21.11.2026, 14:30"
    assert formats.format_moment(MOMENT, ZoneInfo("Asia/Novosibirsk")) == "21.11.2026, 18:30"
    assert formats.format_clock(MOMENT, ZoneInfo("Europe/Moscow")) == "14:30"
    with translation.override("en"):
        assert formats.format_moment(MOMENT, ZoneInfo("UTC")) == "21 Nov 2026, 11:30"


def test_days() -> None:
    assert formats.format_day(date(2026, 1, 2)) == "02.01.2026"
    assert formats.format_weekday(date(2026, 11, 21)) == "суббота, 21 ноября"


@pytest.mark.parametrize(
    ("minutes", "written"), [(0, "0 мин"), (45, "45 мин"), (60, "1 ч"), (90, "1 ч 30 мин")]
)
def test_durations(minutes: int, written: str) -> None:
    assert plain(formats.format_duration(timedelta(minutes=minutes))) == written


@pytest.mark.parametrize(
    ("today", "age"),
    [
        (date(2026, 3, 11), "21 год"),
        (date(2026, 3, 12), "22 года"),
        (date(2029, 3, 12), "25 лет"),
    ],
)
def test_age_in_whole_years(today: date, age: str) -> None:
    assert formats.format_age(date(2004, 3, 12), today) == age
