"""A day on a branch's clock."""

from datetime import date, datetime, time, timedelta

from django.utils.dateparse import parse_date

from clinic.models import Branch

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""Nothing of a clinic lies beyond: the days around a day always exist, in every zone."""


def is_within_reach(on: date) -> bool:
    return EARLIEST <= on <= LATEST


def read_day(text: str) -> date | None:
    """Return the day of an address like `?on=2026-11-23`; None for what is no day of a clinic."""
    try:
        on = parse_date(text)
    except ValueError:
        return None
    return on if on is not None and is_within_reach(on) else None


def day_bounds(branch: Branch, on: date) -> tuple[datetime, datetime]:
    """Return midnight and the next midnight on the branch's clock."""
    midnight = datetime.combine(on, time(), tzinfo=branch.zone)
    return midnight, datetime.combine(on + timedelta(days=1), time(), tzinfo=branch.zone)


def today_at(branch: Branch, *, now: datetime) -> date:
    """Return the day that it is at the branch."""
    return now.astimezone(branch.zone).date()
