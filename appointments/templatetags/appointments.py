from django import template
from django.utils.safestring import SafeString

from appointments.looks import LOOKS
from appointments.models import AppointmentStatus
from clinic.markup import draw_status

register = template.Library()


@register.simple_tag
def appointment_status(code: str) -> SafeString:
    """The state of an appointment as a badge: `{% appointment_status entry.status %}`."""
    look = LOOKS[code]
    return draw_status(str(AppointmentStatus(code).label), look.tone, look.icon)
