from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions.locks import lock_diary
from desk.queries.outside import list_outside
from outbox.errors import Refused


class BookingsLeftOutside(Refused):
    """`appointment_ids` are the bookings that the change would leave without hours."""

    code = "bookings_left_outside"
    message = _("Patients are booked at this time. Look at the list and confirm the change.")

    def __init__(self, *, appointment_ids: list[int]) -> None:
        self.appointment_ids = appointment_ids
        super().__init__(appointment_ids=appointment_ids)


@transaction.atomic
def change_schedule(
    *, employee_id: int, change: Callable[[], object], agreed: Collection[int], now: datetime
) -> list[int]:
    """Make a change of the employee's hours, unless it leaves bookings outside them unseen.

    `change` is an action of `clinic.actions`; its refusals pass through. `agreed` are the bookings
    that the person has been shown. Returns the ids of those that are now outside because of the
    change. Raises `BookingsLeftOutside` when there are others; then nothing has changed. The
    employee's diary is held, so nobody books into hours that are about to go.
    """
    lock_diary(employee_id=employee_id)
    before = {row.pk for row in list_outside(employee_id=employee_id, now=now)}
    change()
    after = [row.pk for row in list_outside(employee_id=employee_id, now=now)]
    left = [number for number in after if number not in before]
    if not set(left) <= set(agreed):
        raise BookingsLeftOutside(appointment_ids=left)
    return left
