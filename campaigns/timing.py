"""When a step falls due, on the wall clock of the branch."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def due_at(
    *, anchor_at: datetime, offset: timedelta, at_time: time | None, zone: ZoneInfo
) -> datetime:
    """Return when a step of `offset` from the anchor falls due.

    Whole days are counted on the branch's calendar and keep the wall clock: "a day before 10:00"
    is 10:00 also across a change of clocks; `at_time` puts another hour in its place. Anything
    else ("2 h after") is absolute. An hour that the clocks skip falls after the gap.
    """
    days, rest = divmod(offset, DAY)
    if rest and at_time is None:
        return anchor_at + offset
    local = anchor_at.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    if at_time is not None:
        local = datetime.combine(local.date(), at_time)
    return local.replace(tzinfo=zone).astimezone(anchor_at.tzinfo)
