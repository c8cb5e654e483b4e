from collections.abc import Iterable
from datetime import date

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from clinic.models import Branch
from desk.markup import draw_attitude, draw_day, draw_letters, draw_patient, together
from desk.queries.board import Card
from desk.queries.patient_list import ListRow

register = template.Library()

register.filter("attitude", draw_attitude)


@register.simple_tag
def patient_rows(rows: Iterable[ListRow], *, today: date, branch: Branch) -> SafeString:
    """The rows of the list of patients; days are those of the branch."""
    zone = branch.zone
    return together(draw_patient(row, today=today, zone=zone) for row in rows)


@register.simple_tag(takes_context=True)
def letters(context: Context, current: str) -> SafeString:
    """Links to where the names of each letter begin; the other filters stay in the address."""
    kept = context["request"].GET.copy()
    for gone in ("letter", "after", "before"):
        kept.pop(gone, None)
    return draw_letters(kept.urlencode(), current)


@register.simple_tag
def day_list(cards: Iterable[Card], *, branch: Branch) -> SafeString:
    """The appointments of a day by time, on the branch's clock."""
    return draw_day(cards, zone=branch.zone)
