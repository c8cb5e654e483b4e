from django import template
from django.http import QueryDict

from clinic.formats import NO_BREAK
from reports.words import STEP_NAMES, name_outcome

register = template.Library()


@register.filter
def outcome(code: str) -> str:
    """Where a request has come, in words."""
    return name_outcome(code)


@register.filter
def step(code: str) -> str:
    """The name of a step of the funnel."""
    return str(STEP_NAMES[code])


@register.simple_tag
def querystring_with(query: str, field: str, line_id: int, step_code: str) -> str:
    """The filters of the page narrowed to one line, and the step whose rows are wanted."""
    told = QueryDict(query, mutable=True)
    told[field], told["step"] = str(line_id), step_code
    return told.urlencode()


@register.simple_tag
def percent(part: int, whole: int) -> str:
    """30 %, the numbers themselves standing beside it."""
    return f"{part * 100 / whole:.0f}{NO_BREAK}%" if whole else "—"
