from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from appointments.models import UPCOMING, Appointment
from clinic.access import ANY_ROLE, plays
from clinic.models import Role, User

SEES_ALL = frozenset({Role.ADMINISTRATOR, Role.MANAGER})


def access_appointment(*, actor: User, appointment_id: int) -> Appointment:
    """Return the appointment with everything it names, for someone who may see it.

    Administrators and managers see all, a doctor his own. Raises `Http404` for an account without
    a role and for what is not there, `PermissionDenied` for other colleagues.
    """
    if not plays(actor, ANY_ROLE):
        raise Http404
    appointment = (
        Appointment.objects.select_related(
            "patient", "employee", "branch", "room", "device", "service"
        )
        .filter(pk=appointment_id)
        .first()
    )
    if appointment is None:
        raise Http404
    if plays(actor, SEES_ALL) or _is_own(actor, appointment):
        return appointment
    raise PermissionDenied


def list_visible_appointments(*, actor: User) -> QuerySet[Appointment]:
    """Return the appointments that the user may see: all, his own or none."""
    if plays(actor, SEES_ALL):
        return Appointment.objects.all()
    if actor.role == Role.DOCTOR:
        return Appointment.objects.filter(employee__user=actor)
    return Appointment.objects.none()


def list_upcoming(*, patient_id: int, now: datetime) -> list[Appointment]:
    """Return what the patient is booked for from now on, the nearest first."""
    return list(
        Appointment.objects.filter(patient_id=patient_id, status__in=UPCOMING, starts_at__gt=now)
        .select_related("employee", "branch", "service")
        .order_by("starts_at")
    )


def _is_own(actor: User, appointment: Appointment) -> bool:
    return actor.role == Role.DOCTOR and appointment.employee.user_id == actor.pk
