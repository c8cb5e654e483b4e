from datetime import timedelta

from django import template
from django.utils.translation import ngettext

from campaigns.queries.segments import Size
from campaigns.timing import DAY
from campaigns.words import LEAVING, say_rest

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


@register.filter
def rest(size: Size) -> str:
    """How many a segment is taken from, and which share it is: «из 2 000 (62 %)»."""
    return say_rest(size)


@register.filter
def width(share: float) -> str:
    """A share as the width of a bar."""
    return f"{share * 100:.2f}%"
