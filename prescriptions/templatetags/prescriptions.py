from django import template
from django.utils.safestring import SafeString

from clinic.markup import draw_status
from prescriptions.looks import LOOKS
from prescriptions.models import LineStatus

register = template.Library()


@register.simple_tag
def line_status(code: str) -> SafeString:
    """The state of a course line as a badge: `{% line_status line.status %}`."""
    look = LOOKS[code]
    return draw_status(str(LineStatus(code).label), look.tone, look.icon)
