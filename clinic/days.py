"""A day on a branch's clock."""

from datetime import date, datetime, time, timedelta

from clinic.models import Branch


def day_bounds(branch: Branch, on: date) -> tuple[datetime, datetime]:
    """Return midnight and the next midnight on the branch's clock."""
    midnight = datetime.combine(on, time(), tzinfo=branch.zone)
    return midnight, datetime.combine(on + timedelta(days=1), time(), tzinfo=branch.zone)


def today_at(branch: Branch, *, now: datetime) -> date:
    """Return the day that it is at the branch."""
    return now.astimezone(branch.zone).date()
