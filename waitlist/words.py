"""A wish in words, as reception says it on the phone."""

from collections.abc import Mapping
from datetime import time

from babel.dates import get_day_names
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinic.formats import current_locale, format_day, format_moment
from waitlist.models import WEEKDAYS, Entry

POINTS: Mapping[str, str | Promise] = {
    "doctor": gettext_lazy("asked for this doctor"),
    "narrow": gettext_lazy("can take few times"),
    "fills": gettext_lazy("fills the freed time"),
    "wait": gettext_lazy("days of waiting"),
    "value": gettext_lazy("price of the visit"),
    "overdue": gettext_lazy("course session is late"),
    "no_shows": pgettext_lazy("points", "missed visits"),
}


def describe_wish(entry: Entry) -> list[str]:
    """Return what is wished besides the service, in parts; the most telling first."""
    return [part for part in (*_whom_and_where(entry), *_when(entry)) if part]


def describe_points(points: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the parts of a rank in words, each with its signed points."""
    return [
        (str(POINTS[name]), f"{value:+d}".replace("-", "−"))
        for name, value in points.items()
        if name in POINTS
    ]


def list_weekdays() -> list[tuple[int, str]]:
    """Return the days of the week with their short names, Monday first."""
    names = get_day_names("abbreviated", locale=current_locale())
    return [(day, names[day - 1]) for day in WEEKDAYS]


def _whom_and_where(entry: Entry) -> list[str]:
    doctor = entry.employee.short_name if entry.employee else entry.position or _("any doctor")
    return [doctor, ", ".join(branch.name for branch in entry.branches.all())]


def _when(entry: Entry) -> list[str]:
    days = ", ".join(name for day, name in list_weekdays() if day in entry.weekdays)
    told = [days, _hours(entry.from_clock, entry.until_clock)]
    if entry.earlier_than is not None:
        visit = entry.earlier_than
        at = format_moment(visit.starts_at, visit.branch.zone)
        told.insert(0, _("earlier than %(at)s") % {"at": at})
    if entry.from_on is not None:
        told.append(_("not before %(day)s") % {"day": format_day(entry.from_on)})
    return told


def _hours(since: time, until: time | None) -> str:
    if until is not None and since > time.min:
        return f"{since:%H:%M}–{until:%H:%M}"
    if until is not None:
        return _("before %(clock)s") % {"clock": f"{until:%H:%M}"}
    return _("from %(clock)s on") % {"clock": f"{since:%H:%M}"} if since > time.min else ""
