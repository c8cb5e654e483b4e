"""What came in and went out at the tills: two ledgers, payments of visits and money ahead of them.

Only what moved money counts: a prepayment that went into a bill was money on the day it was taken.
A day is that of the branch's own clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, Value, When
from django.http import Http404

from appointments.models import MONEY, Payment, PaymentMethod, Prepayment
from clinic.access import plays
from clinic.days import day_bounds
from clinic.models import Branch, Employee, Role, User
from packages.models import PackagePayment
from patients.models import Patient
from till.models import TillShift

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

KEEPERS = frozenset({Role.ADMINISTRATOR, Role.MANAGER})
"""Who counts the drawer and reads the report."""

VISIT, PACKAGE, BOOKING = "VISIT", "PACKAGE", "BOOKING"
"""What a sum was for."""

KINDS = (VISIT, BOOKING, PACKAGE)

IN, OUT = "in", "out"

ANY_MONEY = "MONEY"
"""Beside the ways of paying: every one of them that brings money."""


@dataclass(frozen=True, kw_only=True)
class TillFilter:
    """Days from `since` up to before `until`; an empty field narrows nothing.

    `method` is a way of paying or `ANY_MONEY`, `kind` what for, `flow` taken or given back,
    `actor_id` who took it, 0 for nobody known.
    """

    since: date
    until: date
    branches: Sequence[Branch]
    method: str = ""
    kind: str = ""
    flow: str = ""
    actor_id: int | None = None


@dataclass(kw_only=True)
class Flow:
    """Roubles `taken` and `returned`, with the number of rows that each is the sum of."""

    taken: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    takings: int = 0
    returns: int = 0

    @property
    def total(self) -> Decimal:
        return self.taken - self.returned

    def add(self, row: dict[str, Any]) -> None:
        self.taken += row["taken"] or 0
        self.returned -= row["returned"] or 0
        self.takings += row["takings"]
        self.returns += row["returns"]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of paying: what it brought by what it was for."""

    method: str
    label: str
    all: Flow = field(default_factory=Flow)
    kinds: dict[str, Flow] = field(default_factory=lambda: {kind: Flow() for kind in KINDS})


@dataclass(frozen=True, kw_only=True)
class Cashier:
    """An employee with what he took by each way, money only; `id` is 0 where nobody is known."""

    id: int
    name: str
    ways: dict[str, Flow]
    all: Flow


@dataclass(frozen=True, kw_only=True)
class Till:
    """`money` sums the ways that bring money; points are a way of their own beside them."""

    ways: Sequence[Way]
    money: Way
    points: Way
    cashiers: Sequence[Cashier]

    @property
    def is_empty(self) -> bool:
        return not (self.money.all.takings or self.money.all.returns or self.points.all.takings)


def read_till(*, wanted: TillFilter) -> Till:
    """Return the report: two grouped queries, whatever the period."""
    ways = {method: Way(method=method.value, label=str(method.label)) for method in PaymentMethod}
    money = Way(method=ANY_MONEY, label="")
    flows: dict[int, dict[str, Flow]] = {}
    for row in _list_sums(wanted):
        method = PaymentMethod(row["method"])
        way = ways[method]
        way.all.add(row)
        way.kinds[row["kind"]].add(row)
        if row["method"] in MONEY:
            money.all.add(row)
            money.kinds[row["kind"]].add(row)
            taken = flows.setdefault(row["actor"] or 0, {way: Flow() for way in MONEY})
            taken[method.value].add(row)
    return Till(
        ways=[ways[PaymentMethod(code)] for code in MONEY],
        money=money,
        points=ways[PaymentMethod.POINTS],
        cashiers=_name_cashiers(flows),
    )


def _list_sums(wanted: TillFilter) -> Iterable[dict[str, Any]]:
    figures = {
        "taken": Sum("amount", filter=Q(amount__gt=0)),
        "returned": Sum("amount", filter=Q(amount__lt=0)),
        "takings": Count("pk", filter=Q(amount__gt=0)),
        "returns": Count("pk", filter=Q(amount__lt=0)),
    }
    group = ("method", "kind", "actor")
    yield from _payments(wanted).order_by().values(*group).annotate(**figures)
    yield from _prepayments(wanted).order_by().values(*group).annotate(**figures)


def _name_cashiers(flows: dict[int, dict[str, Flow]]) -> list[Cashier]:
    short = {one.user_id: one.short_name for one in Employee.objects.filter(user__in=flows)}
    cashiers = []
    for actor_id, ways in flows.items():
        total = Flow()
        for flow in ways.values():
            total.taken += flow.taken
            total.returned += flow.returned
            total.takings += flow.takings
            total.returns += flow.returns
        cashiers.append(Cashier(id=actor_id, name=short.get(actor_id, ""), ways=ways, all=total))
    return sorted(cashiers, key=lambda one: (not one.name, one.name))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A payment, a prepayment or a refund. `subject` is an appointment, or a package's id."""

    id: int
    kind: str
    at: datetime
    method: str
    method_label: str
    amount: Decimal
    reason: str
    branch: Branch
    patient: Patient
    subject: int | None
    actor: str


COLUMNS = (
    *("pk", "kind", "at", "method", "amount", "reason"),
    *("branch_pk", "patient_pk", "appointment_pk", "actor"),
)


def list_rows(*, wanted: TillFilter) -> QuerySet[Payment, tuple[Any, ...]]:
    """Return the rows behind the figures, the newest first, as `describe_rows` reads them."""
    payments = _payments(wanted).annotate(
        branch_pk=F("visit__appointment__branch"),
        patient_pk=F("visit__appointment__patient"),
        appointment_pk=F("visit__appointment"),
    )
    ahead = _prepayments(wanted).annotate(
        branch_pk=F("branch"), patient_pk=F("patient"), appointment_pk=F("appointment")
    )
    both = (
        payments.order_by()
        .values_list(*COLUMNS)
        .union(ahead.order_by().values_list(*COLUMNS), all=True)
    )
    return both.order_by("-at", "-pk")


def describe_rows(rows: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Return what a page shows of them."""
    told = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    patients = Patient.objects.in_bulk({row["patient_pk"] for row in told})
    branches = Branch.objects.in_bulk({row["branch_pk"] for row in told})
    actors = Employee.objects.filter(user__in={row["actor"] for row in told if row["actor"]})
    names = {one.user_id: one.short_name for one in actors}
    sold = {row["pk"] for row in told if row["kind"] == PACKAGE}
    packages = dict(
        PackagePayment.objects.filter(prepayment__in=sold).values_list("prepayment", "package")
    )
    return [
        Row(
            id=row["pk"],
            kind=row["kind"],
            at=row["at"],
            method=row["method"],
            method_label=str(PaymentMethod(row["method"]).label),
            amount=row["amount"],
            reason=row["reason"],
            branch=branches[row["branch_pk"]],
            patient=patients[row["patient_pk"]],
            subject=packages.get(row["pk"]) if row["kind"] == PACKAGE else row["appointment_pk"],
            actor=names.get(row["actor"], ""),
        )
        for row in told
    ]


class Kinded(TypedDict):
    """What both ledgers are annotated with."""

    kind: str


def _payments(wanted: TillFilter) -> "QuerySet[WithAnnotations[Payment, Kinded]]":
    rows = Payment.objects.filter(
        _in_days(wanted, "visit__appointment__branch"), _like(wanted), ahead__isnull=True
    ).annotate(kind=Value(VISIT, output_field=CharField()))
    return rows.filter(kind=wanted.kind) if wanted.kind else rows


def _prepayments(wanted: TillFilter) -> "QuerySet[WithAnnotations[Prepayment, Kinded]]":
    rows = Prepayment.objects.filter(
        _in_days(wanted, "branch"), _like(wanted), is_moved=False
    ).annotate(
        kind=Case(
            When(appointment__isnull=True, then=Value(PACKAGE)),
            default=Value(BOOKING),
            output_field=CharField(),
        )
    )
    return rows.filter(kind=wanted.kind) if wanted.kind else rows


def _in_days(wanted: TillFilter, branch_field: str) -> Q:
    """The days of the period, for each branch on its own clock."""
    days = Q(pk__in=[])
    for branch in wanted.branches:
        since, _ends = day_bounds(branch, wanted.since)
        until, _ends = day_bounds(branch, wanted.until)
        days |= Q(at__gte=since, at__lt=until, **{branch_field: branch.pk})
    return days


def _like(wanted: TillFilter) -> Q:
    like = Q()
    if wanted.method == ANY_MONEY:
        like &= Q(method__in=MONEY)
    elif wanted.method:
        like &= Q(method=wanted.method)
    if wanted.flow:
        like &= Q(amount__gt=0) if wanted.flow == IN else Q(amount__lt=0)
    if wanted.actor_id is not None:
        like &= Q(actor=wanted.actor_id) if wanted.actor_id else Q(actor__isnull=True)
    return like


def count_expected(shift: TillShift, *, now: datetime) -> Decimal:
    """Return the cash that should lie in the drawer: the opening and what the ledgers know since.

    Of a closed shift up to its closing. A payment that was under way at that moment counts.
    """
    until = shift.closed_at or now
    span = Q(at__gte=shift.opened_at, at__lt=until, method=PaymentMethod.CASH)
    paid = Payment.objects.filter(
        span, visit__appointment__branch=shift.branch_id, ahead__isnull=True
    )
    ahead = Prepayment.objects.filter(span, branch=shift.branch_id, is_moved=False)
    moved = [rows.aggregate(total=Sum("amount"))["total"] for rows in (paid, ahead)]
    return shift.opening + sum((total for total in moved if total), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class CashCount:
    """A shift with the cash that should lie there; `difference` is more (or less) than that."""

    shift: TillShift
    expected: Decimal
    opened_by: str
    closed_by: str

    @property
    def difference(self) -> Decimal | None:
        return None if self.shift.counted is None else self.shift.counted - self.expected


def list_counts(*, wanted: TillFilter, now: datetime) -> list[CashCount]:
    """Return the shifts begun in the period and those still open, the newest first."""
    shifts = TillShift.objects.select_related("branch").filter(branch__in=wanted.branches)
    begun = Q(pk__in=[])
    for branch in wanted.branches:
        since, _ends = day_bounds(branch, wanted.since)
        until, _ends = day_bounds(branch, wanted.until)
        begun |= Q(branch=branch, opened_at__gte=since, opened_at__lt=until)
    found = list(shifts.filter(begun | Q(closed_at__isnull=True)).order_by("-opened_at")[:MOST])
    actors = {pk for one in found for pk in (one.opened_by_id, one.closed_by_id) if pk}
    names = {one.user_id: one.short_name for one in Employee.objects.filter(user__in=actors)}
    return [
        CashCount(
            shift=shift,
            expected=count_expected(shift, now=now),
            opened_by=names.get(shift.opened_by_id, ""),
            closed_by=names.get(shift.closed_by_id, ""),
        )
        for shift in found
    ]


MOST = 31


def access_shift(*, actor: User, shift_id: int) -> TillShift:
    """Find the shift. Raises `Http404`, also for whoever does not count the drawer."""
    shift = TillShift.objects.select_related("branch").filter(pk=shift_id).first()
    if shift is None or not plays(actor, KEEPERS):
        raise Http404
    return shift
