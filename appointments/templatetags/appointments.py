from django import template

from appointments.looks import LOOKS
from appointments.models import AppointmentStatus

register = template.Library()


@register.inclusion_tag("components/status.html")
def appointment_status(code: str) -> dict[str, str]:
    """The state of an appointment as a badge: `{% appointment_status entry.status %}`."""
    look = LOOKS[code]
    return {"text": str(AppointmentStatus(code).label), "tone": look.tone, "icon": look.icon}
