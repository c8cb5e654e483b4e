from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from appointments.actions import BookingOrder, book_appointment
from appointments.models import Appointment
from patients.actions import register_patient
from patients.details import PatientDetails


@transaction.atomic
def book_newcomer(
    *,
    details: PatientDetails,
    not_same_as: Collection[int],
    order: BookingOrder,
    actor_id: int | None,
    now: datetime,
) -> Appointment:
    """Add a patient and book him, or do neither.

    The patient of the `order` is the one added. A repeated key is the booking that it made
    before: nobody is added twice. Raises as `register_patient` and `book_appointment`.
    """
    earlier = Appointment.objects.filter(key=order.key).first()
    if earlier is not None:
        return earlier
    patient = register_patient(details=details, not_same_as=not_same_as, actor_id=actor_id, now=now)
    return book_appointment(order=replace(order, patient_id=patient.pk), actor_id=actor_id, now=now)
