from datetime import datetime

from appointments.events import PaymentRefunded, PaymentTaken
from appointments.models import PaymentMethod
from loyalty.actions import earn_points_for_payment, return_points, take_back_points
from outbox.events import on


@on(PaymentTaken)
def earn_points(event: PaymentTaken, now: datetime) -> None:
    earn_points_for_payment(payment_id=event.payment_id, now=now)


@on(PaymentRefunded)
def settle_refund(event: PaymentRefunded, now: datetime) -> None:
    settle = return_points if event.method == PaymentMethod.POINTS else take_back_points
    settle(refund_id=event.payment_id, now=now)
