"""What is done to the accounts besides visits: expiry, correction by hand, recount."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loyalty.actions.ledger import Change, expire_due_lots, lock_account, put_in, take_out
from loyalty.models import PointAccount, PointEntry, PointKind
from outbox.errors import Refused

ADJUSTED_LIVE = timedelta(days=365)
"""How long points live that were given by hand."""

MOST_ADJUSTED = 1_000_000

RECOUNT = """
INSERT INTO loyalty_pointaccount (patient_id, balance, owed, next_expiry_at)
SELECT patient_id, sum(points_left), 0, min(expires_at) FILTER (WHERE points_left > 0)
FROM (
    SELECT lot.patient_id, lot.expires_at, lot.points + coalesce(sum(used.points), 0) AS points_left
    FROM loyalty_pointentry lot
    LEFT JOIN loyalty_pointentry used ON used.lot_id = lot.id
    WHERE lot.points > 0
    GROUP BY lot.id
) AS lots
GROUP BY patient_id
ON CONFLICT (patient_id) DO UPDATE
SET balance = excluded.balance, next_expiry_at = excluded.next_expiry_at
"""


class WrongPoints(Refused):
    code = "wrong_points"
    status = 422
    message = _("Give a number of points other than zero, a million at most.")


class NoReason(Refused):
    code = "no_reason"
    status = 422
    message = _("Say why the points change: the patient will see it.")


class AdjustmentKeyReused(Refused):
    code = "key_reused"
    status = 422
    message = _("This request has already been used for another correction. Open the page again.")


@transaction.atomic
def adjust_points(
    *, patient_id: int, points: int, note: str, key: str, actor_id: int | None, now: datetime
) -> None:
    """Give (positive) or take (negative) points by hand, with the reason; once per `key`.

    Raises `WrongPoints`, `NoReason`, `NotEnoughPoints`, `AdjustmentKeyReused`.
    """
    if not points or abs(points) > MOST_ADJUSTED:
        raise WrongPoints
    if not note.strip():
        raise NoReason
    account = lock_account(patient_id, now=now)
    source = f"adjustment:{key}"
    if _is_repeated(source, patient_id=patient_id, points=points):
        return
    change = Change(
        kind=PointKind.ADJUSTED, source=source, now=now, actor_id=actor_id, note=note.strip()[:200]
    )
    if points > 0:
        put_in(account, points=points, expires_at=now + ADJUSTED_LIVE, change=change)
    else:
        take_out(account, points=-points, change=change)


@transaction.atomic
def expire_points_next(*, now: datetime) -> bool:
    """Write off the expired points of one account; False when no account has any."""
    account = (
        PointAccount.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(next_expiry_at__lte=now)
        .order_by("next_expiry_at")
        .first()
    )
    if account is None:
        return False
    expire_due_lots(account, now=now)
    return True


def recount_accounts() -> None:
    """Recount every balance from the ledger: after a load that bypassed the actions."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT)


def _is_repeated(source: str, *, patient_id: int, points: int) -> bool:
    rows = PointEntry.objects.filter(Q(source=source) | Q(source__startswith=f"{source}:"))
    told = list(rows.filter(kind=PointKind.ADJUSTED).values_list("patient_id", "points"))
    if told and ({owner for owner, _sum in told}, sum(part for _owner, part in told)) != (
        {patient_id},
        points,
    ):
        raise AdjustmentKeyReused
    return bool(told)
