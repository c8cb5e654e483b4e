from django import template

from prescriptions.looks import LOOKS
from prescriptions.models import LineStatus

register = template.Library()


@register.inclusion_tag("components/status.html")
def line_status(code: str) -> dict[str, str]:
    """The state of a course line as a badge: `{% line_status line.status %}`."""
    look = LOOKS[code]
    return {"text": str(LineStatus(code).label), "tone": look.tone, "icon": look.icon}
