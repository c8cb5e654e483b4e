from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from appointments.models import Visit
from intake.models import Request
from tests.factories import Clinic, make_appointment, make_patient

NOW = timezone.now()

_keys = count(1)


def ask(clinic: Clinic, status: str = "", *, days_ago: int = 5, **fields: Any) -> Request:
    """A request; with a `status` it led to an appointment in that state at its own hour."""
    appointment = None
    key = next(_keys)
    if status:
        cancelled = {"cancel_reason": fields.pop("cancel_reason")} if status == "CANCELLED" else {}
        starts_at = NOW - timedelta(days=days_ago, hours=key % 48)
        fields.setdefault("patient", make_patient())
        appointment = make_appointment(
            clinic, starts_at=starts_at, status=status, patient=fields["patient"], room=None,
            **cancelled,
        )  # fmt: skip
        fields.setdefault("status", "BOOKED")
    defaults = {
        "kind": "CALL", "created_at": NOW - timedelta(days=20), "appointment": appointment,
        "key": f"ask-{key}", "source": None, "branch": clinic.branch,
    }  # fmt: skip
    return Request.objects.create(**defaults | fields)


def pay(request: Request, money: int, points: int = 0) -> None:
    assert request.appointment is not None
    Visit.objects.create(
        appointment=request.appointment, arrived_at=NOW, total=money, paid=money,
        paid_points=points,
    )  # fmt: skip
