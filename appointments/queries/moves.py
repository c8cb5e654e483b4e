"""Where a visit that is booked could go: the times at which all its services fit."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from appointments.models import Appointment
from appointments.queries.slots import SlotQuery, list_free_slots

MOST_TIMES = 3000


def name_mover(appointment_id: int) -> str:
    """Return the name under which a time is held for the moving of this appointment."""
    return f"move:{appointment_id}"


def list_free_moves(
    *, rows: Sequence[Appointment], from_at: datetime, until_at: datetime, now: datetime
) -> list[datetime]:
    """Return the times to which a patient may move the visit himself, in order.

    `rows` are the services of the visit that are still ahead, by time. Each stays with its doctor
    and at its distance from the first, whose start is what comes back; where they stand now is not
    among them. Nothing is offered that the rules of one of the services forbid.
    """
    if not rows:
        return []
    lead = rows[0].starts_at
    possible = [
        _list_leads(row, row.starts_at - lead, from_at=from_at, until_at=until_at, now=now)
        for row in rows
    ]
    return sorted(set.intersection(*possible) - {lead})


def _list_leads(
    row: Appointment, offset: timedelta, *, from_at: datetime, until_at: datetime, now: datetime
) -> set[datetime]:
    """The starts of the visit at which this service of it would fit."""
    query = SlotQuery(
        service_id=row.service_id,
        branch_id=row.branch_id,
        employee_id=row.employee_id,
        patient_id=row.patient_id,
        except_id=row.pk,
        by_patient=True,
        owners=(name_mover(row.pk),),
        from_at=from_at + offset,
        until_at=until_at + offset,
        limit=MOST_TIMES,
    )
    return {slot.starts_at - offset for slot in list_free_slots(query=query, now=now)}
