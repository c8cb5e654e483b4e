from datetime import date

import pytest

from patients.dates import DateInFuture, DateTooOld, WrongDate, list_dates, read_birth_date

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    "written",
    ["12.03.1985", "12.3.1985", "12.3.85", "12/03/1985", "12-03-1985", "1985-03-12", "12 03 1985",
     "12031985", " 12.03.1985 г."],
)  # fmt: skip
def test_a_date_however_written(written: str) -> None:
    assert read_birth_date(written, today=TODAY) == date(1985, 3, 12)


def test_two_digits_mean_the_latest_year_that_has_come() -> None:
    assert read_birth_date("12.03.26", today=TODAY) == date(2026, 3, 12)
    assert read_birth_date("12.12.26", today=TODAY) == date(1926, 12, 12)
    assert list_dates("12.3.85") == [date(2085, 3, 12), date(1985, 3, 12)]


@pytest.mark.parametrize("written", ["", "вчера", "31.02.1985", "12.13.1985", "12.03", "1985"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(WrongDate):
        read_birth_date(written, today=TODAY)


def test_a_date_to_come_is_refused() -> None:
    with pytest.raises(DateInFuture):
        read_birth_date("02.12.2026", today=TODAY)


def test_a_date_of_another_age_is_refused() -> None:
    with pytest.raises(DateTooOld):
        read_birth_date("12.03.1885", today=TODAY)
