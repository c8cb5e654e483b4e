"""What packages pay of a bill: sessions go when the visit is done and come back when it is undone.

A line is paid by one package whole or not at all. Everybody locks in one order: the appointment,
the packages, the visit, the patient's totals.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions import (
    LineInput,
    StatusNotAllowed,
    change_bill,
    finish_visit,
    list_lines,
    lock_appointment,
)
from appointments.models import Appointment, AppointmentStatus, Visit, VisitLine
from outbox.actions import record_event
from outbox.errors import Refused
from packages.actions.ledger import (
    Change,
    begin_term,
    catch_up,
    change_status,
    check_usable,
    count_left,
    hold_packages,
    list_parts,
    midnight_after,
    write_entry,
)
from packages.events import PackageDebited, PackageRestored
from packages.models import (
    EntryKind,
    Package,
    PackageEntry,
    PackagePart,
    PackagePrice,
    PackageStatus,
)
from packages.queries import Cover, list_debits, list_usable, suggest_cover

GRACE_DAYS = 14
"""A session given back to a package that is over can be used so many days more."""


class NotForPatient(Refused):
    code = "package_of_another"
    message = _("This package belongs to another patient. Ask for its code.")


class NotCovered(Refused):
    code = "service_not_covered"
    message = _("This package does not pay for this service.")


class NoSessionsLeft(Refused):
    """`left` is how many sessions of the service the package still holds."""

    code = "no_sessions_left"
    message = _("The package does not hold so many sessions. Split the line or pay with money.")


class PackageSettled(Refused):
    code = "package_settled"
    message = _(
        "The package was refunded, and this service was counted in the refund: it stays paid by it."
    )


def mark_lines(lines: Sequence[LineInput], cover: Cover) -> list[LineInput]:
    """Return the bill with the lines marked that packages pay: nothing is owed for them."""
    return [
        replace(line, is_prepaid=True, discount=Decimal(0))
        if number in cover.packages
        else replace(line, is_prepaid=False)
        for number, line in enumerate(lines)
    ]


def hold_for_visit(appointment: Appointment, cover: Cover, *, now: datetime) -> dict[int, Package]:
    """Hold the packages that pay for the visit, or have so far; the appointment is held before."""
    paying = {debit.package_id for debit in list_debits(appointment_id=appointment.pk)}
    return hold_packages(paying | set(cover.packages.values()), now=now)


def debit_lines(
    visit: Visit,
    lines: Sequence[LineInput],
    cover: Cover,
    *,
    held: Mapping[int, Package],
    change: Change,
) -> None:
    """Bring the ledger to what the written bill says: give back first, then take.

    `held` comes from `hold_for_visit`. Raises `NotForPatient`, `NotCovered`, `NoSessionsLeft`,
    `PackageIsFrozen`, `PackageIsOver`, `PackageSettled`.
    """
    wanted: Counter[tuple[int, int]] = Counter()
    for number, package_id in cover.packages.items():
        wanted[package_id, lines[number].service_id] += lines[number].quantity
    surplus: list[PackageEntry] = []
    for debit in list_debits(appointment_id=visit.appointment_id):
        paid_by = (debit.package_id, debit.service_id or 0)
        if wanted[paid_by]:
            wanted[paid_by] -= 1
        else:
            surplus.append(debit)
    if any(held[debit.package_id].status == PackageStatus.REFUNDED for debit in surplus):
        raise PackageSettled
    _restore(surplus, visit, held=held, change=change)
    usable = list_usable(patient_id=visit.appointment.patient_id, code=cover.code, now=change.now)
    allowed = set(usable.values_list("pk", flat=True))
    for (package_id, service_id), sessions in wanted.items():
        if not sessions:
            continue
        if package_id in held:
            check_usable(held[package_id])
        if package_id not in allowed:
            raise NotForPatient
        _debit(held[package_id], visit, service_id, sessions=sessions, change=change)


@transaction.atomic
def cover_bill(*, appointment_id: int, cover: Cover, actor_id: int | None, now: datetime) -> Visit:
    """Have packages pay exactly these lines of a written bill; repeated, it changes nothing.

    Raises `StatusNotAllowed` while the visit goes on, `BillBelowPaid` where money has paid the
    line already, `NotCovered` for a line that is not there, and what `debit_lines` raises.
    """
    appointment = lock_appointment(appointment_id)
    if appointment.status != AppointmentStatus.DONE:
        raise StatusNotAllowed
    held = hold_for_visit(appointment, cover, now=now)
    visit = Visit.objects.get(appointment=appointment)
    lines = list_lines(visit)
    if not set(cover.packages) <= set(range(len(lines))):
        raise NotCovered
    marked = mark_lines(lines, cover)
    visit = change_bill(visit_id=visit.pk, lines=marked, actor_id=actor_id, now=now)
    debit_lines(visit, marked, cover, held=held, change=Change(now=now, actor_id=actor_id))
    return visit


@transaction.atomic
def finish_covered(*, appointment_id: int, actor_id: int | None, now: datetime) -> Visit:
    """Finish the visit with the bill as booked; a package pays where the patient has one.

    Of several that could, the one that ends first; his own before the family's. Raises as
    `finish_visit`.
    """
    appointment = lock_appointment(appointment_id)
    booked = LineInput(service_id=appointment.service_id, price=appointment.price)
    usable = list_usable(patient_id=appointment.patient_id, now=now)
    hold_packages(list(usable.values_list("pk", flat=True)), now=now)
    cover = suggest_cover(appointment=appointment, lines=[booked], now=now)
    if appointment.status == AppointmentStatus.DONE or not cover.packages:
        return finish_visit(appointment_id=appointment_id, lines=[], actor_id=actor_id, now=now)
    held = hold_for_visit(appointment, cover, now=now)
    lines = mark_lines([booked], cover)
    visit = finish_visit(appointment_id=appointment_id, lines=lines, actor_id=actor_id, now=now)
    debit_lines(visit, lines, cover, held=held, change=Change(now=now, actor_id=actor_id))
    return visit


@transaction.atomic
def settle_visit(*, appointment_id: int, now: datetime) -> int:
    """Give back the sessions that the bill no longer names; return how many.

    Of a visit that is not done that is all of them. What was counted in a refund stays.
    """
    debits = list_debits(appointment_id=appointment_id)
    if not debits.exists():
        return 0
    appointment = lock_appointment(appointment_id)
    held = hold_for_visit(appointment, Cover(), now=now)
    visit = Visit.objects.get(appointment=appointment)
    prepaid: Counter[int] = Counter()
    if appointment.status == AppointmentStatus.DONE:
        for line in VisitLine.objects.filter(visit=visit, is_prepaid=True):
            prepaid[line.service_id] += line.quantity
    surplus: list[PackageEntry] = []
    for debit in debits:
        if prepaid[debit.service_id or 0]:
            prepaid[debit.service_id or 0] -= 1
        elif held[debit.package_id].status != PackageStatus.REFUNDED:
            surplus.append(debit)
    _restore(surplus, visit, held=held, change=Change(now=now))
    return len(surplus)


def _debit(
    package: Package, visit: Visit, service_id: int, *, sessions: int, change: Change
) -> None:
    parts = _list_paying(package, service_id)
    left = sum(part.balance for part in parts)
    if left < sessions:
        raise NoSessionsLeft(left=left)
    if package.status == PackageStatus.WAITING:
        begin_term(package, now=change.now)
        change_status(package, PackageStatus.ACTIVE)
    sources = iter([part for part in parts for _session in range(part.balance)])
    earlier = PackageEntry.objects.filter(
        visit=visit, service=service_id, kind=EntryKind.DEBIT
    ).count()
    for number in range(earlier + 1, earlier + sessions + 1):
        source = f"visit:{visit.pk}:{service_id}:{number}"
        entry = write_entry(package, EntryKind.DEBIT, source, change)
        entry.part, entry.sessions = next(sources), -1
        entry.visit, entry.service_id = visit, service_id
        entry.patient_id = visit.appointment.patient_id
        entry.save()
    left = count_left(package)
    if not left:
        change_status(package, PackageStatus.USED_UP)
    fact = PackageDebited(
        patient_id=package.patient_id,
        package_id=package.pk,
        appointment_id=visit.appointment_id,
        sessions=sessions,
        left=left,
    )
    record_event(fact, actor_id=change.actor_id, now=change.now)


def _list_paying(package: Package, service_id: int) -> list[PackagePart]:
    """Return the parts that pay for the service. Raises `NotCovered`."""
    paying = set(
        PackagePrice.objects.filter(part__package=package, service=service_id).values_list(
            "part_id", flat=True
        )
    )
    if not paying:
        raise NotCovered
    return [part for part in list_parts(package) if part.pk in paying]


def _restore(
    debits: Sequence[PackageEntry],
    visit: Visit,
    *,
    held: Mapping[int, Package],
    change: Change,
) -> None:
    returned: Counter[int] = Counter()
    for debit in debits:
        package = held[debit.package_id]
        entry = write_entry(package, EntryKind.RESTORE, f"restore:{debit.pk}", change)
        entry.part_id, entry.sessions, entry.undoes = debit.part_id, 1, debit
        entry.visit, entry.service_id = visit, debit.service_id
        entry.save()
        returned[package.pk] += 1
    for package_id, sessions in returned.items():
        package = held[package_id]
        _come_back(package, now=change.now)
        fact = PackageRestored(
            patient_id=package.patient_id,
            package_id=package.pk,
            appointment_id=visit.appointment_id,
            sessions=sessions,
            left=count_left(package),
        )
        record_event(fact, actor_id=change.actor_id, now=change.now)


def _come_back(package: Package, *, now: datetime) -> None:
    """A package that was over holds a session again: for `GRACE_DAYS` more if its term is past."""
    if package.status not in {PackageStatus.USED_UP, PackageStatus.EXPIRED}:
        return
    if package.ends_at is not None and package.ends_at <= now:
        package.ends_at = midnight_after(now, GRACE_DAYS, package.branch.zone)
    change_status(package, PackageStatus.ACTIVE)
    catch_up(package, now=now)
