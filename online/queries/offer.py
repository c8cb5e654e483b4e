"""What patients may choose from: only what the clinic offers them, whoever asks and however."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from appointments.queries import Slot, SlotQuery, list_free_slots
from clinic.days import day_bounds
from clinic.models import Branch, Employee, Service
from clinic.queries import get_terms
from online.models import Profile

LOOK_AHEAD = timedelta(days=62)
DAYS_AT_ONCE = 7


@dataclass(frozen=True, kw_only=True)
class Doctor:
    """An employee as patients see him. `free_at` is his next free time, None when there is none."""

    employee: Employee
    profile: Profile
    years: int | None
    free_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A service as patients see it: from how much, and how long it takes as a rule."""

    service: Service
    price_from: Decimal
    doctors: int


@dataclass(frozen=True, kw_only=True)
class FreeDay:
    """The free times of a day on the branch's calendar, one for each start."""

    on: date
    slots: Sequence[Slot]


def _doctors() -> QuerySet[Employee]:
    hidden = Profile.objects.filter(employee=OuterRef("pk"), is_shown=False)
    return Employee.objects.filter(~Exists(hidden), is_active=True)


def _services() -> QuerySet[Service]:
    return Service.objects.filter(is_active=True, is_online=True)


def list_open_branches() -> list[Branch]:
    """Return the branches where a patient may book something himself, by city and name."""
    offers = _doctors().filter(branches=OuterRef("pk"), services__in=_services())
    return list(Branch.objects.filter(Exists(offers), is_active=True).order_by("city", "name"))


def find_open_branch(branch_id: int) -> Branch | None:
    return next((branch for branch in list_open_branches() if branch.pk == branch_id), None)


def list_offers(*, branch: Branch, employee: Employee | None = None) -> list[Offer]:
    """Return the services that a patient may book at the branch, by name; of one employee his."""
    doctors = _doctors().filter(branches=branch)
    if employee is not None:
        doctors = doctors.filter(pk=employee.pk)
    pairs = Employee.services.through.objects.filter(
        employee__in=doctors, service__in=_services()
    ).values_list("service_id", "employee_id")
    by_service: dict[int, list[int]] = {}
    for service_id, employee_id in pairs:
        by_service.setdefault(service_id, []).append(employee_id)
    own = {
        (terms.service_id, terms.employee_id): terms.price
        for doctor in doctors.prefetch_related("own_terms")
        for terms in doctor.own_terms.all()
        if terms.price is not None
    }
    services = Service.objects.filter(pk__in=by_service).order_by("kind", "name")
    return [
        Offer(
            service=service,
            price_from=min(
                own.get((service.pk, who), service.price) for who in by_service[service.pk]
            ),
            doctors=len(by_service[service.pk]),
        )
        for service in services
    ]


def find_service(*, branch: Branch, service_id: int) -> Service | None:
    """Return the service if somebody at the branch takes patients for it whom they may choose."""
    offered = _doctors().filter(branches=branch, services=OuterRef("pk"))
    return _services().filter(Exists(offered), pk=service_id).first()


def find_doctor(
    *, branch: Branch, employee_id: int, service: Service | None = None
) -> Doctor | None:
    """Return the doctor if a patient may book him at the branch, for the service."""
    wanted = _services() if service is None else _services().filter(pk=service.pk)
    found = _doctors().filter(pk=employee_id, branches=branch, services__in=wanted).distinct()
    employee = found.select_related("profile").first()
    return None if employee is None else _describe(employee, None, this_year=0)


def list_doctors(*, branch: Branch, now: datetime) -> list[Doctor]:
    """Return who can be booked at the branch, by the soonest free time; those without one last.

    The soonest is that of his shortest service.
    """
    found = _doctors().filter(branches=branch, services__in=_services()).distinct()
    doctors = list(
        found.select_related("profile")
        .prefetch_related("services")
        .order_by("last_name", "first_name", "pk")
    )
    shortest: dict[int, list[int]] = {}
    for doctor in doctors:
        online = [row for row in doctor.services.all() if row.is_active and row.is_online]
        service = min(online, key=lambda row: (row.duration, row.pk))
        shortest.setdefault(service.pk, []).append(doctor.pk)
    free: dict[int, datetime] = {}
    for service_id, ids in shortest.items():
        free |= find_soonest(branch=branch, service_id=service_id, employee_ids=ids, now=now)
    year = now.astimezone(branch.zone).year
    described = [_describe(row, free.get(row.pk), this_year=year) for row in doctors]
    return sorted(described, key=lambda doctor: (doctor.free_at is None, doctor.free_at or now))


def _describe(employee: Employee, free_at: datetime | None, *, this_year: int) -> Doctor:
    profile = getattr(employee, "profile", None) or Profile(employee=employee)
    since = profile.since_year
    years = this_year - since if since is not None and since < this_year else None
    return Doctor(employee=employee, profile=profile, years=years, free_at=free_at)


def find_soonest(
    *, branch: Branch, service_id: int, employee_ids: Iterable[int], now: datetime
) -> dict[int, datetime]:
    """Return the next free time of each of the employees who has one within two months."""
    soonest: dict[int, datetime] = {}
    for slot in _list_slots(branch, service_id, None, now, now + timedelta(days=14), now=now):
        soonest.setdefault(slot.employee_id, slot.starts_at)
    for employee_id in set(employee_ids) - soonest.keys():
        until_at = now + LOOK_AHEAD
        for slot in _list_slots(branch, service_id, employee_id, now, until_at, now=now, limit=1):
            soonest[employee_id] = slot.starts_at
    return soonest


def list_days(
    *, branch: Branch, service: Service, employee_id: int | None, from_on: date, now: datetime
) -> list[FreeDay]:
    """Return the free times of a week from that day on, days without any left out.

    Without an employee each start is there once, with one of those who are free.
    """
    starts, _midnight = day_bounds(branch, from_on)
    _midnight, ends = day_bounds(branch, from_on + timedelta(days=DAYS_AT_ONCE - 1))
    found = _list_slots(branch, service.pk, employee_id, starts, ends, now=now)
    shown = set(_doctors().filter(branches=branch).values_list("pk", flat=True))
    days: dict[date, dict[datetime, Slot]] = {}
    for slot in found:
        if slot.employee_id in shown:
            on = slot.starts_at.astimezone(branch.zone).date()
            days.setdefault(on, {}).setdefault(slot.starts_at, slot)
    return [FreeDay(on=on, slots=list(slots.values())) for on, slots in sorted(days.items())]


def find_next_day(
    *, branch: Branch, service: Service, employee_id: int | None, after_on: date, now: datetime
) -> date | None:
    """Return the first day with a free time from `after_on` on, None within two months."""
    starts, _midnight = day_bounds(branch, after_on)
    shown = set(_doctors().filter(branches=branch).values_list("pk", flat=True))
    found = _list_slots(branch, service.pk, employee_id, starts, now + LOOK_AHEAD, now=now)
    days = (
        slot.starts_at.astimezone(branch.zone).date() for slot in found if slot.employee_id in shown
    )
    return next(days, None)


def get_price(*, service: Service, employee_id: int) -> Decimal:
    """Return the price of the list. What an earlier visit makes of it is nobody else's business."""
    return get_terms(service_id=service.pk, employee_id=employee_id).price


def _list_slots(
    branch: Branch,
    service_id: int,
    employee_id: int | None,
    from_at: datetime,
    until_at: datetime,
    *,
    now: datetime,
    limit: int = 5000,
) -> list[Slot]:
    query = SlotQuery(
        service_id=service_id,
        branch_id=branch.pk,
        employee_id=employee_id,
        by_patient=True,
        from_at=from_at,
        until_at=until_at,
        limit=limit,
    )
    return list_free_slots(query=query, now=now)
