"""How a package changes. The caller holds it (`hold_packages`).

Each change is a row of the ledger; the database moves the balance by it and refuses to let it fall
below zero. The status follows the balance and the time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from outbox.actions import record_event
from outbox.errors import Refused
from packages.events import PackageExpired, PackageUnfrozen
from packages.models import (
    ALLOWED_MOVES,
    EntryKind,
    Package,
    PackageEntry,
    PackagePart,
    PackageStatus,
)


class WrongState(Refused):
    """`status` is a `PackageStatus` code: where the package stands by now."""

    code = "package_in_another_state"
    message = _("The package is in another state by now. Refresh the page.")


class PackageIsFrozen(Refused):
    code = "package_frozen"
    message = _("The package is frozen. End the freeze first.")


class PackageIsOver(Refused):
    code = "package_over"
    message = _("The package is used up, expired or refunded.")


@dataclass(frozen=True, kw_only=True)
class Change:
    """Why a package changes, when and by whom."""

    now: datetime
    actor_id: int | None = None
    note: str = ""


def hold_packages(package_ids: Collection[int], *, now: datetime) -> dict[int, Package]:
    """Hold the packages until the transaction ends, each brought up to `now`.

    Taken in one order by everybody. Whoever touches a visit too holds its appointment before.
    """
    rows = Package.objects.select_for_update(of=("self",), no_key=True).select_related("branch")
    held = {package.pk: package for package in rows.filter(pk__in=package_ids).order_by("pk")}
    for package in held.values():
        catch_up(package, now=now)
    return held


def hold_package(package_id: int, *, now: datetime) -> Package:
    return hold_packages([package_id], now=now)[package_id]


def catch_up(package: Package, *, now: datetime) -> None:
    """Do what time has done to a held package: end its freeze, then its term."""
    if package.thaws_at is not None and package.thaws_at <= now:
        thaw(package, until=package.thaws_at, change=Change(now=now))
    is_due = package.ends_at is not None and package.ends_at <= now
    if is_due and package.status == PackageStatus.ACTIVE:
        expire(package, change=Change(now=now))


def write_entry(package: Package, kind: EntryKind, source: str, change: Change) -> PackageEntry:
    """Return an entry to be completed and saved."""
    return PackageEntry(
        package=package,
        kind=kind,
        source=source,
        note=change.note[:200],
        at=change.now,
        actor_id=change.actor_id,
    )


def write_off(package: Package, kind: EntryKind, *, change: Change) -> int:
    """Take whatever is left out of every part; return how many sessions that was."""
    taken = 0
    for part in list_parts(package):
        if part.balance:
            number = PackageEntry.objects.filter(part=part, kind=kind).count() + 1
            entry = write_entry(package, kind, f"{kind.lower()}:{part.pk}:{number}", change)
            entry.part, entry.sessions = part, -part.balance
            entry.save()
            taken += part.balance
    return taken


def list_parts(package: Package) -> list[PackagePart]:
    """Return the parts as the ledger has left them."""
    return list(PackagePart.objects.filter(package=package).order_by("position"))


def count_left(package: Package) -> int:
    """Return the sessions that all parts hold together."""
    parts = PackagePart.objects.filter(package=package)
    return parts.aggregate(total=Sum("balance"))["total"] or 0


def change_status(package: Package, to: PackageStatus) -> None:
    """Save a held package under another status. Raises `WrongState`."""
    if to not in ALLOWED_MOVES[package.status]:
        raise WrongState(status=package.status)
    package.status = to
    if to != PackageStatus.FROZEN:
        package.frozen_at = package.thaws_at = None
    if to != PackageStatus.ACTIVE:
        package.warns_at = None
    package.save()


def check_usable(package: Package) -> None:
    """Raises `PackageIsFrozen`, `PackageIsOver`."""
    if package.status == PackageStatus.FROZEN:
        raise PackageIsFrozen
    if package.status not in {PackageStatus.WAITING, PackageStatus.ACTIVE}:
        raise PackageIsOver


def begin_term(package: Package, *, now: datetime) -> None:
    """Set the end: the package can be used today and for `term_days` days after."""
    package.ends_at = midnight_after(now, package.term_days, package.branch.zone)
    plan_warning(package)


def plan_warning(package: Package) -> None:
    """Set when to say that the end is near."""
    if package.ends_at is not None and package.warn_days:
        package.warns_at = package.ends_at - timedelta(days=package.warn_days)


def midnight_after(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the midnight with which the day ends that lies `days` days after the moment."""
    last_day = moment.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=zone)


def thaw(package: Package, *, until: datetime, change: Change) -> None:
    """End the freeze of a held package: its term grows by the days it stood still."""
    zone = package.branch.zone
    if package.frozen_at is None or package.ends_at is None:
        raise WrongState(status=package.status)
    stood = until.astimezone(zone).date() - package.frozen_at.astimezone(zone).date()
    days = min(stood.days, package.freeze_days - package.frozen_days)
    number = PackageEntry.objects.filter(package=package, kind=EntryKind.FREEZE).count()
    write_entry(package, EntryKind.UNFREEZE, f"unfreeze:{package.pk}:{number}", change).save()
    package.frozen_days += days
    package.ends_at = midnight_after(package.ends_at - timedelta(seconds=1), days, zone)
    change_status(package, PackageStatus.ACTIVE)
    plan_warning(package)
    package.save(update_fields=["warns_at"])
    fact = PackageUnfrozen(patient_id=package.patient_id, package_id=package.pk, days=days)
    record_event(fact, actor_id=change.actor_id, now=change.now)


def expire(package: Package, *, change: Change) -> None:
    """Write off what is left of a held package whose term is over."""
    sessions = write_off(package, EntryKind.EXPIRY, change=change)
    change_status(package, PackageStatus.EXPIRED)
    fact = PackageExpired(patient_id=package.patient_id, package_id=package.pk, sessions=sessions)
    record_event(fact, actor_id=change.actor_id, now=change.now)
