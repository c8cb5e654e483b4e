from datetime import timedelta

from django import template
from django.utils.translation import ngettext

from campaigns.timing import DAY
from campaigns.words import LEAVING

register = template.Library()


@register.filter
def leaving(reason: str) -> str:
    """Why a run ended early, in words."""
    return str(LEAVING.get(reason, reason))


@register.filter
def distance(offset: timedelta) -> str:
    """How far a step lies from its anchor: «за 1 день», «через 2 часа»."""
    length = abs(offset)
    if length % DAY:
        count = length // timedelta(hours=1)
        if offset < timedelta(0):
            return ngettext("%(n)s hour before", "%(n)s hours before", count) % {"n": count}
        return ngettext("%(n)s hour after", "%(n)s hours after", count) % {"n": count}
    count = length.days
    if offset < timedelta(0):
        return ngettext("%(n)s day before", "%(n)s days before", count) % {"n": count}
    return ngettext("%(n)s day after", "%(n)s days after", count) % {"n": count}
