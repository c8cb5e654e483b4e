"""A time as it is said on the phone: «завтра, во вторник, 24 ноября, в 10:30»."""

from datetime import date, datetime

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.formats import NO_BREAK, current_locale

RELATIVE = 2
"""So many days ahead have a word of their own: today, tomorrow, the day after."""


def speak_time(local: datetime, *, today: date) -> str:
    """Return a time on the branch's clock in words that can be read aloud."""
    said = _("%(weekday)s, %(day)s, at %(clock)s") % {
        "weekday": speak_weekday(local.isoweekday()),
        "day": format_date(local.date(), "d MMMM", current_locale()),
        "clock": f"{local:%H:%M}",
    }
    said = said.replace(f" {local:%H:%M}", f"{NO_BREAK}{local:%H:%M}")
    days = (local.date() - today).days
    if not 0 <= days <= RELATIVE:
        return said
    near = (_("today"), _("tomorrow"), _("the day after tomorrow"))[days]
    return f"{near}, {said}"


def speak_weekday(weekday: int) -> str:
    """«во вторник»; from 1, Monday, to 7."""
    return (
        pgettext("spoken", "on Monday"),
        pgettext("spoken", "on Tuesday"),
        pgettext("spoken", "on Wednesday"),
        pgettext("spoken", "on Thursday"),
        pgettext("spoken", "on Friday"),
        pgettext("spoken", "on Saturday"),
        pgettext("spoken", "on Sunday"),
    )[weekday - 1]
