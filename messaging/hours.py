"""Hours at which people may be disturbed, on the wall clock of the branch."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.models import Setting
from messaging.models import Purpose

SERVICE_FROM, SERVICE_UNTIL = time(8), time(21, 30)


@dataclass(frozen=True)
class DecentHours:
    """Half-open: at `until` it is too late already."""

    since: time
    until: time

    def next_moment(self, at: datetime, *, zone: ZoneInfo) -> datetime:
        """Return `at` when it is a decent hour in the zone, else the next opening, in UTC."""
        local = at.astimezone(zone)
        if self.since <= local.time() < self.until:
            return at
        day = local.date() if local.time() < self.since else local.date() + timedelta(days=1)
        return datetime.combine(day, self.since, tzinfo=zone).astimezone(UTC)


def decent_hours(purpose: str, *, setting: Setting) -> DecentHours:
    if purpose == Purpose.MARKETING:
        return DecentHours(setting.marketing_from, setting.marketing_until)
    return DecentHours(SERVICE_FROM, SERVICE_UNTIL)
