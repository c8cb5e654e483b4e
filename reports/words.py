"""What the steps and outcomes of the funnel are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from appointments.models import CancelReason
from intake.models import LossReason, RequestStatus

STEP_NAMES: dict[str, str | Promise] = {
    "requests": _("Asked"),
    "booked": _("Were booked"),
    "came": _("Came"),
    "again": _("Came again"),
}

OUTCOME_NAMES: dict[str, str | Promise] = {
    "no_show": _("did not come, without a word"),
    "ahead": _("the visit is still ahead"),
    "unmarked": _("the time is over, the outcome is not marked"),
    "here": _("in the clinic now"),
    "rebooked": _("booked again, the visit is ahead"),
    "recent": _("not booked, came fewer than 60 days ago"),
    "silent": _("not booked, silent for 60 days or more"),
    "again": _("came again"),
    "open:NEW": _("nobody has answered yet"),
    "open:IN_WORK": _("being talked to"),
}


def is_outcome(text: str) -> bool:
    """Whether there is such an outcome."""
    return name_outcome(text) != text


def name_outcome(outcome: str) -> str:
    """An outcome in words: a loss by its reason, a cancellation by its own."""
    if outcome in OUTCOME_NAMES:
        return str(OUTCOME_NAMES[outcome])
    kind, _colon, reason = outcome.partition(":")
    if kind == "lost" and reason in LossReason.values:
        return str(LossReason(reason).label)
    if kind == "cancelled" and reason in CancelReason.values:
        return str(_("cancelled: %s") % CancelReason(reason).label)
    if kind == "open" and reason in RequestStatus.values:
        return str(RequestStatus(reason).label)
    return outcome
