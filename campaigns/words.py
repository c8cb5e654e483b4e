"""What the pages of campaigns say: why a run ended early, how large a segment is."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.queries.segments import Size
from clinic.formats import NO_BREAK, format_number

LEAST_PERCENT = 0.01

LEAVING: dict[str, str | Promise] = {
    "answered": _("has answered"),
    "begun": _("the visit has begun"),
    "booked": _("has booked"),
    "came": _("has come"),
    "cancelled": _("the visit was cancelled"),
    "moved": _("the visit was moved"),
    "stopped": _("the scenario was switched off"),
    "undone": _("the visit was undone"),
}


def say_percent(share: float) -> str:
    """62 %; a few are never "0 %" and almost all never "100 %"."""
    if 0 < share < LEAST_PERCENT:
        return f"< 1{NO_BREAK}%"
    if 1 - LEAST_PERCENT < share < 1:
        return f"> 99{NO_BREAK}%"
    return f"{share * 100:.0f}{NO_BREAK}%"


def say_rest(size: Size) -> str:
    """What follows the number of members: "of 2 000 (62 %)"."""
    base, percent = format_number(size.base), say_percent(size.share)
    return gettext("of %(base)s (%(percent)s)") % {"base": base, "percent": percent}
