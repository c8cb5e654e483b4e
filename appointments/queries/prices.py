"""What a visit will cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from appointments.models import Appointment, AppointmentStatus
from clinic.models import Employee, RepeatWith
from clinic.queries import Terms


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Roubles, and whether they are those of a repeat visit."""

    price: Decimal
    is_repeat: bool = False


def quote_price(
    *, terms: Terms, employee_id: int, patient_id: int | None, starts_at: datetime
) -> Quote:
    """Return what the visit costs this patient at this time with this employee.

    The repeat price holds when a finished visit of the same kind of service to the same doctor (or
    to anybody of his specialty, if the service says so) began within `repeat_days` before the
    start. The specialty is the position.
    """
    if terms.repeat_price is None or patient_id is None:
        return Quote(price=terms.price)
    service = terms.service
    earlier = Appointment.objects.filter(
        patient_id=patient_id,
        status=AppointmentStatus.DONE,
        service__kind=service.kind,
        starts_at__lt=starts_at,
        starts_at__gte=starts_at - timedelta(days=service.repeat_days or 0),
    )
    if service.repeat_with == RepeatWith.DOCTOR:
        earlier = earlier.filter(employee_id=employee_id)
    else:
        same = Employee.objects.filter(pk=employee_id).values("position")
        earlier = earlier.filter(employee__position__in=same)
    if earlier.exists():
        return Quote(price=terms.repeat_price, is_repeat=True)
    return Quote(price=terms.price)
