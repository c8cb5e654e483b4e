"""What happens to a sold package besides visits: frozen, shared, passed on, paid back, over."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions import count_left_ahead, refund_prepayment
from outbox.actions import record_event
from outbox.errors import Refused
from packages.actions.ledger import (
    Change,
    PackageIsOver,
    WrongState,
    catch_up,
    change_status,
    count_left,
    hold_package,
    thaw,
    write_entry,
    write_off,
)
from packages.events import (
    PackageExpiring,
    PackageFrozen,
    PackageRefunded,
    PackageShared,
    PackageTransferred,
)
from packages.models import (
    LIVE,
    EntryKind,
    Package,
    PackageEntry,
    PackagePayment,
    PackageStatus,
)
from packages.queries import quote_refund


class NoFreezeLeft(Refused):
    code = "no_freeze_left"
    message = _("The terms of this package leave no more days to freeze it.")


class NotTransferable(Refused):
    code = "not_transferable"
    message = _("By its terms this package cannot be given to another patient.")


class SameOwner(Refused):
    code = "same_owner"
    status = 422
    message = _("The package is this patient's already. Choose another one.")


@transaction.atomic
def freeze_package(*, package_id: int, key: str, actor_id: int | None, now: datetime) -> Package:
    """Stop the term. The same key, or a package that is frozen, changes nothing.

    The freeze ends by `unfreeze_package`, or by itself when the days of the terms are used up.
    Raises `WrongState`, `NoFreezeLeft`.
    """
    package = hold_package(package_id, now=now)
    source = f"freeze:{package.pk}:{key}"
    is_repeated = PackageEntry.objects.filter(source=source).exists()
    if package.status == PackageStatus.FROZEN or is_repeated:
        return package
    allowed = package.freeze_days - package.frozen_days
    if package.status == PackageStatus.ACTIVE and allowed <= 0:
        raise NoFreezeLeft
    change = Change(now=now, actor_id=actor_id)
    write_entry(package, EntryKind.FREEZE, source, change).save()
    zone = package.branch.zone
    last_on = now.astimezone(zone).date() + timedelta(days=allowed)
    package.frozen_at = now
    package.thaws_at = datetime.combine(last_on, time.min, tzinfo=zone)
    change_status(package, PackageStatus.FROZEN)
    fact = PackageFrozen(patient_id=package.patient_id, package_id=package.pk)
    record_event(fact, actor_id=actor_id, now=now)
    return package


@transaction.atomic
def unfreeze_package(*, package_id: int, actor_id: int | None, now: datetime) -> Package:
    """Let the term go on. A package that is not frozen stays as it is."""
    package = hold_package(package_id, now=now)
    if package.status == PackageStatus.FROZEN:
        thaw(package, until=now, change=Change(now=now, actor_id=actor_id))
    return package


@transaction.atomic
def share_package(
    *, package_id: int, is_family: bool, actor_id: int | None, now: datetime
) -> Package:
    """Let the owner's family use it, or no longer. Raises `PackageIsOver`."""
    package = hold_package(package_id, now=now)
    if package.is_family == is_family:
        return package
    if package.status not in LIVE:
        raise PackageIsOver
    package.is_family = is_family
    package.save(update_fields=["is_family"])
    fact = PackageShared(patient_id=package.patient_id, package_id=package.pk, is_family=is_family)
    record_event(fact, actor_id=actor_id, now=now)
    return package


@transaction.atomic
def transfer_package(
    *, package_id: int, to_patient_id: int, key: str, actor_id: int | None, now: datetime
) -> Package:
    """Give it to another patient with all that is left; the family of the old owner loses it.

    Raises `NotTransferable`, `PackageIsOver`, `SameOwner`.
    """
    package = hold_package(package_id, now=now)
    source = f"transfer:{package.pk}:{key}"
    if PackageEntry.objects.filter(source=source).exists():
        return package
    if not package.is_transferable:
        raise NotTransferable
    if package.status not in LIVE:
        raise PackageIsOver
    if package.patient_id == to_patient_id:
        raise SameOwner
    giver_id = package.patient_id
    entry = write_entry(package, EntryKind.TRANSFER, source, Change(now=now, actor_id=actor_id))
    entry.patient_id = to_patient_id
    entry.save()
    package.patient_id, package.is_family = to_patient_id, False
    package.save(update_fields=["patient_id", "is_family"])
    fact = PackageTransferred(
        patient_id=giver_id, package_id=package.pk, to_patient_id=to_patient_id
    )
    record_event(fact, actor_id=actor_id, now=now)
    return package


@transaction.atomic
def refund_package(
    *, package_id: int, key: str, reason: str, actor_id: int | None, now: datetime
) -> Decimal:
    """End it and give back its price less what was used at the list price of the day of sale.

    Returns the roubles that go back, by the ways they came. A package refunded before returns what
    went back then. Raises `WrongState` once it is used up or expired.
    """
    package = hold_package(package_id, now=now)
    if package.status == PackageStatus.REFUNDED:
        return _count_returned(package)
    if package.status not in LIVE:
        raise WrongState(status=package.status)
    back = quote_refund(package=package).back
    change = Change(now=now, actor_id=actor_id, note=reason)
    write_off(package, EntryKind.REFUND, change=change)
    change_status(package, PackageStatus.REFUNDED)
    _give_back(package, back, key=key, change=change)
    fact = PackageRefunded(patient_id=package.patient_id, package_id=package.pk, amount=str(back))
    record_event(fact, actor_id=actor_id, now=now)
    return back


def _give_back(package: Package, amount: Decimal, *, key: str, change: Change) -> None:
    payments = PackagePayment.objects.filter(package=package, prepayment__refund_of__isnull=True)
    for paid in payments.select_related("prepayment").order_by("pk"):
        part = min(amount, count_left_ahead(paid.prepayment))
        if part <= 0:
            continue
        amount -= part
        refund = refund_prepayment(
            prepayment_id=paid.prepayment_id,
            amount=part,
            key=f"{key}:{paid.prepayment_id}",
            reason=change.note,
            actor_id=change.actor_id,
            now=change.now,
        )
        PackagePayment.objects.create(package=package, prepayment=refund)


def _count_returned(package: Package) -> Decimal:
    back = package.payments.filter(prepayment__refund_of__isnull=False)
    return -sum(back.values_list("prepayment__amount", flat=True), Decimal(0))


@transaction.atomic
def keep_time_next(*, now: datetime) -> bool:
    """End one freeze or one term that is due; False when there is none."""
    due = Package.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    package = (
        due.select_related("branch")
        .filter(status=PackageStatus.FROZEN, thaws_at__lte=now)
        .order_by("thaws_at")
        .first()
        or due.select_related("branch")
        .filter(status=PackageStatus.ACTIVE, ends_at__lte=now)
        .order_by("ends_at")
        .first()
    )
    if package is None:
        return False
    catch_up(package, now=now)
    return True


@transaction.atomic
def warn_of_end_next(*, now: datetime) -> bool:
    """Say of one package that its end is near, once; False when there is none to say it of."""
    package = (
        Package.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(status=PackageStatus.ACTIVE, warns_at__lte=now, ends_at__gt=now)
        .order_by("warns_at")
        .first()
    )
    if package is None or package.ends_at is None:
        return False
    package.warns_at = None
    package.save(update_fields=["warns_at"])
    fact = PackageExpiring(
        patient_id=package.patient_id,
        package_id=package.pk,
        left=count_left(package),
        ends_at=package.ends_at.isoformat(),
    )
    record_event(fact, actor_id=None, now=now)
    return True
