"""Why a message was not sent, in words for the people who ask.

Codes are stored; the words may change. Checks of other apps bring their own codes with them
(`messaging.guard.still_wanted`).
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    # the patient
    "no_address": _("The patient has no phone or e-mail that works."),
    "unreachable": _("The patient asked not to be contacted."),
    "no_consent": _("The patient has not agreed to marketing on this channel."),
    # the moment
    "expired": _("It was too late: the text had lost its sense."),
    "quiet_hours": _("There was no decent hour left in which to send it."),
    # the subject
    "cancelled": _("The appointment was cancelled."),
    "moved": _("The appointment was moved."),
    "check_failed": _("Whether it still makes sense could not be checked."),
    # the gateway
    "auth": _("The gateway refused our login or password."),
    "bad_address": _("There is no such phone or e-mail."),
    "bad_request": _("The gateway did not understand the request."),
    "bad_sender": _("The gateway does not accept our sender name."),
    "blocked": _("The gateway blocked our address for a while."),
    "forbidden_text": _("The operator does not allow this text."),
    "gateway_busy": _("The gateway asked to come back later."),
    "gateway_failed": _("The gateway answered with an error of its own."),
    "gateway_silent": _("The gateway did not answer."),
    "gateway_unreachable": _("The gateway could not be reached."),
    "interrupted": _("The sender was stopped while it was sending."),
    "no_money": _("There is no money on the gateway's account."),
    "not_in_time": _("The phone was off or out of reach for too long."),
    "same_again": _("The gateway takes the same text only once a minute."),
    "throttled": _("The gateway asked to slow down."),
    "undeliverable": _("The operator could not deliver it to this number."),
}


def describe_reason(code: str) -> str:
    """Return the words, the code itself when nobody knows it, "" for ""."""
    return str(REASONS.get(code, code))
