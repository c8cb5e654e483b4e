from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from django.db import transaction
from django.db.models import Sum

from appointments.actions import LineInput, finish_visit, take_payment
from appointments.models import Payment, PaymentMethod, Visit
from loyalty.actions.ledger import Change, list_lots, lock_account, put_in
from loyalty.models import PointAccount, PointEntry, PointKind
from tests.factories import Clinic, make_appointment

_numbers = count(1)


def make_visit(clinic: Clinic, total: str, *, days_ago: int = 0) -> Visit:
    """A finished visit with a bill of `total` roubles, nothing paid."""
    starts_at = clinic.at("10:00") - timedelta(days=days_ago, hours=next(_numbers) % 5)
    appointment = make_appointment(clinic, starts_at=starts_at)
    line = LineInput(service_id=clinic.service.pk, price=Decimal(total))
    return finish_visit(appointment_id=appointment.pk, lines=[line], actor_id=None, now=starts_at)


def pay(visit: Visit, amount: str, now: datetime, method: str = PaymentMethod.CARD) -> Payment:
    return take_payment(
        visit_id=visit.pk,
        method=method,
        amount=Decimal(amount),
        key=f"payment-{next(_numbers)}",
        actor_id=None,
        now=now,
    )


@transaction.atomic
def give_points(patient_id: int, points: int, *, now: datetime, live_days: int = 365) -> None:
    """A lot out of nowhere."""
    change = Change(kind=PointKind.EARNED, source=f"gift:{next(_numbers)}", now=now)
    account = lock_account(patient_id, now=now)
    put_in(account, points=points, expires_at=now + timedelta(days=live_days), change=change)


def balance_of(patient_id: int) -> int:
    return PointAccount.objects.get(pk=patient_id).balance


def check_ledger(patient_id: int) -> None:
    """Balance = sum of the entries = what is left of the lots; nobody has and owes at once."""
    account = PointAccount.objects.get(pk=patient_id)
    entries = PointEntry.objects.filter(patient_id=patient_id)
    lots = list_lots(patient_id)

    assert account.balance == (entries.aggregate(total=Sum("points"))["total"] or 0)
    assert account.balance == sum(lot.left for lot in lots)
    assert account.next_expiry_at == (lots[0].expires_at if lots else None)
    assert not (account.balance and account.owed)
