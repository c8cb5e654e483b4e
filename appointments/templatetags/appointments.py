from django import template

from appointments.looks import LOOKS
from appointments.models import Appointment, AppointmentStatus
from clinic.formats import format_weekday

register = template.Library()


@register.inclusion_tag("components/status.html")
def appointment_status(code: str) -> dict[str, str]:
    """The state of an appointment as a badge: `{% appointment_status entry.status %}`."""
    look = LOOKS[code]
    return {"text": str(AppointmentStatus(code).label), "tone": look.tone, "icon": look.icon}


@register.simple_tag
def local_day(appointment: Appointment) -> str:
    """The day of the appointment on its branch's clock: «понедельник, 23 ноября»."""
    return format_weekday(appointment.starts_at.astimezone(appointment.branch.zone).date())
