"""Why a run ended early, or a message of it was held back, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
