"""Birth dates as people write them: 12.03.1985, 12.3.85, 1985-03-12, 12031985."""

import re
from datetime import date

from django.utils.translation import gettext_lazy as _

from outbox.errors import Refused

_FORMS = (
    re.compile(r"(?P<day>\d{1,2})[./\- ](?P<month>\d{1,2})[./\- ](?P<year>\d{4}|\d{2})"),
    re.compile(r"(?P<year>\d{4})[./\- ](?P<month>\d{1,2})[./\- ](?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4})"),
)
OLDEST_YEARS = 120


class WrongDate(Refused):
    code = "wrong_date"
    status = 400
    message = _("Write the date like 12.03.1985.")


class DateInFuture(WrongDate):
    code = "date_in_future"
    message = _("This date has not come yet.")


class DateTooOld(WrongDate):
    code = "date_too_old"
    message = _("This date is more than 120 years ago: check the year.")


def list_dates(text: str) -> list[date]:
    """Return the dates that the text may mean, the latest first; empty when it is none.

    A year of two digits means either century, so it gives two dates.
    """
    written = text.strip().rstrip("г. ").strip()
    match = next(filter(None, (form.fullmatch(written) for form in _FORMS)), None)
    if match is None:
        return []
    day, month = int(match["day"]), int(match["month"])
    year = int(match["year"])
    years = [2000 + year, 1900 + year] if len(match["year"]) == 2 else [year]
    return [found for year in years if (found := _date(year, month, day)) is not None]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_birth_date(text: str, *, today: date) -> date:
    """Return the latest date that the text may mean and that has come.

    Raises `WrongDate`, `DateInFuture` and `DateTooOld` (more than 120 years ago).
    """
    dates = list_dates(text)
    if not dates:
        raise WrongDate
    past = [found for found in dates if found <= today]
    if not past:
        raise DateInFuture
    if today.year - past[0].year > OLDEST_YEARS:
        raise DateTooOld
    return past[0]
