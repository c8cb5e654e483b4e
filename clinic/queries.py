from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.http import Http404

from clinic.models import (
    Branch,
    BranchDay,
    Closure,
    Employee,
    OwnTerms,
    Role,
    Rotation,
    RotationException,
    Service,
    Shift,
    TimeOff,
    User,
)

PLANNERS = frozenset({Role.ADMINISTRATOR, Role.MANAGER})
"""Who plans the hours of the staff."""


def list_branches(*, user: User) -> list[Branch]:
    """The working branches, first those where the user works, each group from the oldest."""
    return list(_offered_branches(user))


def _offered_branches(user: User) -> QuerySet[Branch]:
    at_work = Employee.branches.through.objects.filter(
        branch=OuterRef("pk"), employee__user=user.pk
    )
    return (
        Branch.objects.filter(is_active=True)
        .annotate(is_own=Exists(at_work))
        .order_by("-is_own", "pk")
    )


def find_branch(*, user: User, chosen: Sequence[int | None]) -> Branch | None:
    """The first working branch of those chosen, else the first offered, None when none works."""
    wanted = [branch_id for branch_id in chosen if branch_id is not None]
    last = user.last_branch
    if last is not None and last.is_active and wanted[:1] == [last.pk]:
        return last
    working = Branch.objects.filter(is_active=True).in_bulk(wanted)
    for branch_id in wanted:
        if branch_id in working:
            return working[branch_id]
    return _offered_branches(user).first()


@dataclass(frozen=True, kw_only=True)
class DemoLogin:
    """Someone to try the demo clinic as."""

    username: str
    name: str
    role: Role


def list_demo_logins() -> list[DemoLogin]:
    """The first account of each role, in the order of the roles."""
    users = User.objects.filter(is_active=True).exclude(role="").select_related("employee")
    by_role = {user.role: user for user in users.order_by("-pk")}
    return [
        DemoLogin(username=user.username, name=name_of(user), role=role)
        for role in Role
        if (user := by_role.get(role)) is not None
    ]


def name_of(user: User) -> str:
    """How colleagues call the user: the employee's first and last name, else the login."""
    employee: Employee | None = getattr(user, "employee", None)
    if employee is None:
        return user.get_full_name() or user.username
    return f"{employee.first_name} {employee.last_name}"


def find_open_hours(*, branch: Branch, on: date) -> tuple[time, time] | None:
    """Return when the branch opens and closes that day, None when the clinic closed it."""
    special = BranchDay.objects.filter(branch=branch, on=on).first()
    if special is None or special.kind == BranchDay.Kind.OPEN:
        return branch.opens_at, branch.closes_at
    if special.opens_at is None or special.closes_at is None:
        return None
    return special.opens_at, special.closes_at


def access_shift(*, actor: User, shift_id: int) -> Shift:
    """Find the shift. Raises `Http404`, `PermissionDenied` for whoever is not of reception."""
    shift = Shift.objects.select_related("employee", "branch").filter(pk=shift_id).first()
    if shift is None or not (actor.role or actor.is_superuser):
        raise Http404
    _check_planner(actor)
    return shift


def access_time_off(*, actor: User, time_off_id: int) -> TimeOff:
    """Find the absence. Raises `Http404`, `PermissionDenied` as `access_shift` does."""
    absence = TimeOff.objects.select_related("employee").filter(pk=time_off_id).first()
    if absence is None or not (actor.role or actor.is_superuser):
        raise Http404
    _check_planner(actor)
    return absence


def access_rotation(*, actor: User, rotation_id: int) -> Rotation:
    """Find the rotation with its branch. Raises as `access_shift` does."""
    found = Rotation.objects.select_related("employee", "branch").filter(pk=rotation_id).first()
    if found is None or not (actor.role or actor.is_superuser):
        raise Http404
    _check_planner(actor)
    return found


def find_last_filled(*, rotation_id: int, branch: Branch, now: datetime) -> date | None:
    """Return the last day ahead that has a shift of the rotation: a change must reach so far."""
    ahead = Shift.objects.filter(rotation=rotation_id, starts_at__gt=now)
    last = ahead.aggregate(last=Max("starts_at"))["last"]
    return last.astimezone(branch.zone).date() if last else None


def access_exception(*, actor: User, exception_id: int) -> RotationException:
    """Find the excepted day. Raises as `access_shift` does."""
    found = RotationException.objects.select_related("employee").filter(pk=exception_id).first()
    if found is None or not (actor.role or actor.is_superuser):
        raise Http404
    _check_planner(actor)
    return found


def access_closure(*, actor: User, closure_id: int) -> Closure:
    """Find the closure with its place. Raises as `access_shift` does."""
    found = Closure.objects.select_related("room__branch", "device__branch")
    closure = found.filter(pk=closure_id).first()
    if closure is None or not (actor.role or actor.is_superuser):
        raise Http404
    _check_planner(actor)
    return closure


def _check_planner(actor: User) -> None:
    if actor.role not in PLANNERS and not actor.is_superuser:
        raise PermissionDenied


@dataclass(frozen=True, kw_only=True)
class CatalogueFilter:
    """What to pick out of a catalogue; `kind` is a `ServiceKind`, empty for any."""

    is_active: bool = True
    branch_id: int | None = None
    service_id: int | None = None
    kind: str = ""


def find_branches(*, wanted: CatalogueFilter) -> QuerySet[Branch]:
    """The branches in use, or those out of use, by name."""
    return Branch.objects.filter(is_active=wanted.is_active).order_by("name", "pk")


def find_services(*, wanted: CatalogueFilter) -> QuerySet[Service]:
    """The price list by name; of a branch, what a working employee of it offers."""
    found = Service.objects.filter(is_active=wanted.is_active)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.branch_id is not None:
        offers = Employee.services.through.objects.filter(
            service=OuterRef("pk"),
            employee__is_active=True,
            employee__branches=wanted.branch_id,
        )
        found = found.filter(Exists(offers))
    return found.order_by("name", "pk").prefetch_related("rooms", "devices")


def find_employees(*, wanted: CatalogueFilter) -> QuerySet[Employee]:
    """The staff by name; those of a branch, those who offer a service or a kind of services."""
    found = Employee.objects.filter(is_active=wanted.is_active)
    if wanted.branch_id is not None:
        found = found.filter(branches=wanted.branch_id)
    offers = Employee.services.through.objects.filter(employee=OuterRef("pk"))
    if wanted.service_id is not None:
        found = found.filter(Exists(offers.filter(service=wanted.service_id)))
    if wanted.kind:
        found = found.filter(Exists(offers.filter(service__kind=wanted.kind)))
    ordered = found.order_by("last_name", "first_name", "pk")
    return ordered.prefetch_related("branches", "services", "own_terms")


@dataclass(frozen=True, kw_only=True)
class HoursFilter:
    """Which hours to pick out: those that meet `[from_at, until_at)`; None means any."""

    employee_id: int | None = None
    branch_id: int | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


def find_shifts(*, wanted: HoursFilter) -> QuerySet[Shift]:
    """The shifts by time."""
    found = Shift.objects.all()
    if wanted.branch_id is not None:
        found = found.filter(branch=wanted.branch_id)
    if wanted.employee_id is not None:
        found = found.filter(employee=wanted.employee_id)
    if wanted.from_at is not None:
        found = found.filter(ends_at__gt=wanted.from_at)
    if wanted.until_at is not None:
        found = found.filter(starts_at__lt=wanted.until_at)
    return found.order_by("starts_at", "pk")


def find_times_off(*, wanted: HoursFilter) -> QuerySet[TimeOff]:
    """The absences by time; `branch_id` is that of the employees."""
    found = TimeOff.objects.all()
    if wanted.branch_id is not None:
        found = found.filter(employee__branches=wanted.branch_id)
    if wanted.employee_id is not None:
        found = found.filter(employee=wanted.employee_id)
    if wanted.from_at is not None:
        found = found.filter(ends_at__gt=wanted.from_at)
    if wanted.until_at is not None:
        found = found.filter(starts_at__lt=wanted.until_at)
    return found.order_by("starts_at", "pk")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How long a service takes with an employee, and for how much: his own or the price list's.

    `service` has the rules that are the same with everybody. `repeat_price` is None when the
    service has no price of its own for repeat visits.
    """

    service: Service
    duration: timedelta
    price: Decimal
    repeat_price: Decimal | None


def get_terms(*, service_id: int, employee_id: int | None = None) -> Terms:
    """Return the terms of the service with the employee, without one those of the price list."""
    service = Service.objects.get(pk=service_id)
    own = OwnTerms.objects.filter(service=service_id, employee=employee_id or 0).first()
    if own is None:
        own = OwnTerms()
    repeat_price = service.repeat_price
    if repeat_price is not None and own.repeat_price is not None:
        repeat_price = own.repeat_price
    return Terms(
        service=service,
        duration=service.duration if own.duration is None else own.duration,
        price=service.price if own.price is None else own.price,
        repeat_price=repeat_price,
    )
