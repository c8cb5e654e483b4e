"""Packages in words, in the language of the page."""

from django.utils.translation import gettext as _

from clinic.formats import format_day, format_number
from packages.queries import Holding


def say_left(holding: Holding) -> str:
    """3 of 10 left, until 12.03.2027: says nothing of what the package is for."""
    figures = {"left": format_number(holding.left), "sessions": format_number(holding.sessions)}
    if holding.last_on is None:
        return _("%(left)s of %(sessions)s left") % figures
    return _("%(left)s of %(sessions)s left, until %(day)s") % {
        **figures,
        "day": format_day(holding.last_on),
    }


def say_holding(holding: Holding) -> str:
    """The package with what is left of it, and whose it is unless the patient's own."""
    said = f"{holding.name}: {say_left(holding)}"
    return f"{said} ({holding.owner})" if holding.owner else said


def say_remark(holding: Holding) -> str:
    """For a page that anyone with the link can open: neither the name nor the services."""
    return _("Your package: %(left)s") % {"left": say_left(holding)}
