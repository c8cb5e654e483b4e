from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from appointments.actions import BookingOrder, book_appointment, book_bundle
from appointments.models import Appointment
from appointments.queries import list_bundle
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


@transaction.atomic
def book_newcomer_visit(
    *,
    details: PatientDetails,
    not_same_as: Collection[int],
    orders: Sequence[BookingOrder],
    actor_id: int | None,
    now: datetime,
) -> list[Appointment]:
    """Add a patient and book all the services of his visit, or do nothing.

    As `book_newcomer`; raises as `register_patient` and `book_bundle`.
    """
    earlier = Appointment.objects.filter(key=orders[0].key).first()
    if earlier is not None:
        return list_bundle(appointment_id=earlier.pk)
    patient = register_patient(details=details, not_same_as=not_same_as, actor_id=actor_id, now=now)
    his = [replace(order, patient_id=patient.pk) for order in orders]
    return book_bundle(orders=his, actor_id=actor_id, now=now)
