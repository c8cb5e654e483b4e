from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

FEBRUARY, LEAP_DAY, LAST_COMMON_DAY = 2, 29, 28


@dataclass(frozen=True)
class Moment:
    """The moment as of which a rule is read.

    Days are calendar days in the zone of the installation (`TIME_ZONE`), the same for every
    branch and every reader: a segment must not change with who looks at it.
    """

    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(settings.TIME_ZONE)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now, self.zone)

    def start_of(self, day: date) -> datetime:
        """The first instant of the calendar day."""
        return datetime.combine(day, time.min, tzinfo=self.zone)

    def local_date(self, when: date | datetime) -> date:
        return timezone.localdate(when, self.zone) if isinstance(when, datetime) else when

    def days_ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def years_ago(self, years: int) -> date:
        """The same day `years` earlier; 28 February where that year has no 29th."""
        today = self.today
        if (today.month, today.day) == (FEBRUARY, LEAP_DAY) and not is_leap(today.year - years):
            return date(today.year - years, FEBRUARY, LAST_COMMON_DAY)
        return today.replace(year=today.year - years)


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
