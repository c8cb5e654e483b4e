"""Why a row was refused, what was left out of one, and why a file failed, in words."""

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS: dict[str, str | Promise] = {
    "no_name": gettext_lazy("there is no name"),
    "bad_phone": gettext_lazy("the phone is no phone"),
    "bad_visit_date": gettext_lazy("the date of the visit cannot be read"),
    "visit_in_future": gettext_lazy("the visit has not taken place yet"),
    "bad_sum": gettext_lazy("the sum cannot be read"),
    "too_many_cells": gettext_lazy("there are more cells than headings"),
    "in_file": gettext_lazy("one person, several rows"),
}
REMARKS: dict[str, str | Promise] = {
    "no_phone": gettext_lazy("without a phone"),
    "bad_phone": gettext_lazy("a phone left out"),
    "bad_email": gettext_lazy("an e-mail left out"),
    "bad_birth": gettext_lazy("a birth date left out"),
}
STAYS = "stays:"


def explain_reason(code: str) -> str:
    """Return the words for a code; «stays:app.model» names what else needs the patient."""
    if code.startswith(STAYS):
        name = apps.get_model(code.removeprefix(STAYS))._meta.verbose_name_plural
        return _("stays: there are %(things)s") % {"things": name}
    return str(REASONS.get(code, code))
