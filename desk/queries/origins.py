"""Where a booking begins: what the visit or the request before it already tells."""

from collections.abc import Mapping

from appointments.models import Appointment
from appointments.queries import access_appointment
from clinic.http import read_number
from clinic.models import User
from intake.models import Request
from intake.queries import access_request

NOTE_LENGTH = 500


def describe_origin(*, actor: User, asked: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of the dialog that `like` (an appointment) or `request` fills.

    `beside` is an appointment to whose visit a service is added: it begins where that one ends.

    `new-name` and `new-phone` are those of a caller whom nobody has recognised. Raises `Http404`
    and `PermissionDenied` where the appointment or the request does.
    """
    beside = read_number(asked.get("beside", ""))
    if beside is not None:
        return _after_visit(access_appointment(actor=actor, appointment_id=beside))
    like, request = read_number(asked.get("like", "")), read_number(asked.get("request", ""))
    if like is not None:
        return _of_visit(access_appointment(actor=actor, appointment_id=like))
    if request is not None:
        return _of_request(access_request(actor=actor, request_id=request))
    return {}


def _after_visit(before: Appointment) -> dict[str, str]:
    local = before.ends_at.astimezone(before.branch.zone)
    return {
        "patient": str(before.patient_id),
        "on": local.date().isoformat(),
        "clock": f"{local:%H:%M}",
    }


def _of_visit(before: Appointment) -> dict[str, str]:
    return {
        "patient": str(before.patient_id),
        "employee": str(before.employee_id),
        "service": str(before.service_id),
    }


def _of_request(asked: Request) -> dict[str, str]:
    told = {
        "patient": asked.patient_id,
        "service": asked.service_id,
        "source": asked.source_id,
        "note": asked.comment[:NOTE_LENGTH],
    }
    if asked.patient_id is None:
        told |= {"new-name": asked.name, "new-phone": asked.phone}
    return {name: str(value) for name, value in told.items() if value}
