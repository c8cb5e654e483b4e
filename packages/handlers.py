from datetime import datetime

from appointments.events import BillChanged, VisitReopened
from appointments.remarks import remarks
from outbox.events import on
from packages.actions import settle_visit
from packages.formats import say_remark
from packages.queries import list_holdings


@on(VisitReopened)
def give_sessions_back(event: VisitReopened, now: datetime) -> None:
    settle_visit(appointment_id=event.appointment_id, now=now)


@on(BillChanged)
def follow_the_bill(event: BillChanged, now: datetime) -> None:
    settle_visit(appointment_id=event.appointment_id, now=now)


@remarks
def tell_what_is_left(patient_id: int, now: datetime) -> list[str]:
    """Behind the patient's link: how many sessions and until when, never of what."""
    return [say_remark(holding) for holding in list_holdings(patient_id=patient_id, now=now)]
