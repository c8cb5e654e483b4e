"""How points come in and go out of an account. The caller holds the account (`lock_account`).

Points come in as lots with an expiry and go out of the lots, oldest expiry first. After every
change balance = sum of the entries = what is left of the lots, and nobody has and owes at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from loyalty.events import PointsChanged
from loyalty.models import PointAccount, PointEntry, PointKind
from outbox.actions import record_event
from outbox.errors import Refused

PAYOFF = ":owed"
"""How the source of an entry ends that pays off a debt."""


class NotEnoughPoints(Refused):
    """`balance` is what there is."""

    code = "not_enough_points"
    message = _("There are not enough points on the account.")


@dataclass(frozen=True, kw_only=True)
class Change:
    """Why the balance changes. `source` is what caused it, unique in the whole ledger."""

    kind: PointKind
    source: str
    now: datetime
    actor_id: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Lot:
    """What is left of points that came in together."""

    entry_id: int
    left: int
    expires_at: datetime


def lock_account(patient_id: int, *, now: datetime) -> PointAccount:
    """Hold the patient's account until the transaction ends, rid of what has expired by `now`."""
    PointAccount.objects.bulk_create([PointAccount(patient_id=patient_id)], ignore_conflicts=True)
    account = PointAccount.objects.select_for_update(no_key=True).get(pk=patient_id)
    expire_due_lots(account, now=now)
    return account


def list_lots(patient_id: int) -> list[Lot]:
    """Return the lots with something left, oldest expiry first."""
    rows = (
        PointEntry.objects.filter(patient_id=patient_id, points__gt=0)
        .annotate(left=F("points") + Coalesce(Sum("uses__points"), 0))
        .filter(left__gt=0)
        .order_by("expires_at", "id")
        .values_list("id", "left", "expires_at")
    )
    return [Lot(entry_id, left, expires_at) for entry_id, left, expires_at in rows if expires_at]


def put_in(
    account: PointAccount, *, points: int, expires_at: datetime, change: Change
) -> PointEntry:
    """Add a lot and return it; what the account owes is paid off from it at once."""
    lot = PointEntry.objects.create(
        patient_id=account.pk,
        kind=change.kind,
        points=points,
        source=change.source,
        expires_at=expires_at,
        note=change.note,
        at=change.now,
        actor_id=change.actor_id,
    )
    account.balance += points
    _tell(account, points=points, change=change)
    paid_off = min(account.owed, points)
    if paid_off:
        payoff = Change(
            kind=PointKind.TAKEN_BACK, source=f"{change.source}{PAYOFF}", now=change.now
        )
        account.owed -= paid_off
        take_out(account, points=paid_off, lots=[Lot(lot.pk, points, expires_at)], change=payoff)
    _settle(account)
    return lot


def take_out(
    account: PointAccount, *, points: int, change: Change, lots: Iterable[Lot] | None = None
) -> None:
    """Take points out of the lots in order, one row per lot. Raises `NotEnoughPoints`."""
    left_to_take = points
    rows: list[PointEntry] = []
    for lot in list_lots(account.pk) if lots is None else lots:
        if not left_to_take:
            break
        part = min(lot.left, left_to_take)
        left_to_take -= part
        rows.append(
            PointEntry(
                patient_id=account.pk,
                kind=change.kind,
                points=-part,
                source=f"{change.source}:{len(rows) + 1}",
                lot_id=lot.entry_id,
                note=change.note,
                at=change.now,
                actor_id=change.actor_id,
            )
        )
    if left_to_take:
        raise NotEnoughPoints(balance=account.balance)
    PointEntry.objects.bulk_create(rows)
    account.balance -= points
    _tell(account, points=-points, change=change)
    _settle(account)


def expire_due_lots(account: PointAccount, *, now: datetime) -> None:
    """Write off what is left of the lots whose time is over."""
    if account.next_expiry_at is None or account.next_expiry_at > now:
        return
    for lot in list_lots(account.pk):
        if lot.expires_at > now:
            break
        change = Change(kind=PointKind.EXPIRED, source=f"expiry:{lot.entry_id}", now=now)
        take_out(account, points=lot.left, lots=[lot], change=change)


def _settle(account: PointAccount) -> None:
    account.next_expiry_at = next((lot.expires_at for lot in list_lots(account.pk)), None)
    account.save(update_fields=["balance", "owed", "next_expiry_at"])


def _tell(account: PointAccount, *, points: int, change: Change) -> None:
    event = PointsChanged(patient_id=account.pk, kind=change.kind, points=points)
    record_event(event, actor_id=change.actor_id, now=change.now)
