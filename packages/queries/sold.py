"""Packages that were sold: what is left of them, until when, what they are worth."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.http import Http404

from clinic.models import User
from packages.models import (
    LIVE,
    EntryKind,
    Package,
    PackageEntry,
    PackagePart,
    PackagePayment,
    PackagePrice,
    PackageStatus,
    PackageType,
)
from packages.queries.usable import list_usable
from patients.queries import access_patient

SOON = timedelta(days=14)
"""How near an end is that reception should speak of."""

MONTH = timedelta(days=30)

IN_USE = "IN_USE"
"""A filter beside the statuses: whatever still holds sessions for somebody."""


@dataclass(frozen=True, kw_only=True)
class PartLeft:
    """`left` of `sessions` of any of the services."""

    services: Sequence[str]
    sessions: int
    left: int


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A package as the desk shows it. `owner` is empty where it is the patient's own.

    `last_on` is the last day of its term, None until it begins. `is_ending` says that this is near.
    """

    id: int
    name: str
    owner: str
    status: str
    status_label: str
    parts: Sequence[PartLeft]
    last_on: date | None
    is_ending: bool

    @property
    def left(self) -> int:
        return sum(part.left for part in self.parts)

    @property
    def sessions(self) -> int:
        return sum(part.sessions for part in self.parts)


def with_parts(packages: QuerySet[Package]) -> QuerySet[Package]:
    """Fetch what `describe` reads: the parts with their services, in three queries."""
    prices = PackagePrice.objects.select_related("service").order_by("pk")
    parts = PackagePart.objects.order_by("position").prefetch_related(Prefetch("prices", prices))
    return packages.select_related("branch", "patient").prefetch_related(Prefetch("parts", parts))


def describe(package: Package, *, patient_id: int, now: datetime) -> Holding:
    """Return what a patient holds; `package` comes from `with_parts`."""
    is_own = package.patient_id == patient_id
    ends_at = package.ends_at
    return Holding(
        id=package.pk,
        name=package.name,
        owner="" if is_own else package.patient.full_name,
        status=package.status,
        status_label=package.get_status_display(),
        parts=[
            PartLeft(
                services=[price.service.name for price in part.prices.all()],
                sessions=part.sessions,
                left=part.balance,
            )
            for part in package.parts.all()
        ],
        last_on=package.last_on,
        is_ending=package.status == PackageStatus.ACTIVE
        and ends_at is not None
        and ends_at - now <= SOON,
    )


def list_holdings(*, patient_id: int, now: datetime) -> list[Holding]:
    """Return the patient's own packages that still hold something, what ends first first."""
    in_term = Q(ends_at__isnull=True) | Q(ends_at__gt=now) | Q(status=PackageStatus.FROZEN)
    own = Package.objects.filter(in_term, patient=patient_id, status__in=LIVE)
    return [
        describe(package, patient_id=patient_id, now=now)
        for package in with_parts(own).order_by("ends_at", "pk")
    ]


def list_usable_holdings(*, patient_id: int, now: datetime) -> list[Holding]:
    """Return what the patient can use now, of the family too, what is to be used first first."""
    usable = with_parts(list_usable(patient_id=patient_id, now=now))
    return [describe(package, patient_id=patient_id, now=now) for package in usable]


def find_payer(*, patient_id: int | None, service_id: int, now: datetime) -> Holding | None:
    """Return what is to be used first of all that still holds a session of the service."""
    if patient_id is None:
        return None
    prices = PackagePrice.objects.filter(service=service_id, part__balance__gt=0)
    usable = list_usable(patient_id=patient_id, now=now)
    package = with_parts(usable.filter(pk__in=prices.values("part__package"))).first()
    return describe(package, patient_id=patient_id, now=now) if package else None


def describe_many(
    package_ids: Collection[int], *, patient_id: int, now: datetime
) -> dict[int, Holding]:
    """Return these packages by id, as one patient sees them."""
    rows = with_parts(Package.objects.filter(pk__in=package_ids))
    return {row.pk: describe(row, patient_id=patient_id, now=now) for row in rows}


def access_package(*, actor: User, package_id: int) -> Package:
    """Find the package and authorise the user for its owner. Raises as `access_patient`."""
    package = with_parts(Package.objects.filter(pk=package_id)).first()
    if package is None:
        raise Http404
    access_patient(actor=actor, patient_id=package.patient_id)
    return package


def list_of_patient(*, patient_id: int) -> QuerySet[Package]:
    """Return all that the patient owns or owned to the end, the newest first."""
    return with_parts(Package.objects.filter(patient=patient_id)).order_by("-sold_at", "-pk")


def list_entries(*, package_id: int) -> QuerySet[PackageEntry]:
    """Return the ledger of the package, newest first."""
    rows = PackageEntry.objects.filter(package=package_id)
    return rows.select_related(
        "service", "patient", "actor__employee", "visit__appointment__branch"
    ).order_by("-at", "-pk")


@dataclass(frozen=True, kw_only=True)
class PackageFilter:
    """What the list is narrowed to; an empty field narrows nothing. `status` may be `IN_USE`."""

    name_key: str = ""
    code: str = ""
    status: str = ""
    type_id: int | None = None
    is_recent: bool = False
    is_ending: bool = False


def filter_packages(*, by: PackageFilter, now: datetime) -> QuerySet[Package]:
    """Return the packages sold, the newest first."""
    packages = Package.objects.all()
    if by.name_key:
        packages = packages.filter(Q(patient__name_key__contains=by.name_key) | Q(code=by.code))
    if by.status:
        packages = packages.filter(status__in=LIVE if by.status == IN_USE else [by.status])
    if by.type_id:
        packages = packages.filter(type=by.type_id)
    if by.is_recent:
        packages = packages.filter(sold_at__gt=now - MONTH)
    if by.is_ending:
        packages = packages.filter(status=PackageStatus.ACTIVE, ends_at__lte=now + SOON)
    return with_parts(packages).order_by("-sold_at", "-pk")


@dataclass(frozen=True, kw_only=True)
class Overview:
    """`sold` packages for `taken` roubles in 30 days, less refunds; what the clinic still owes."""

    sold: int
    taken: Decimal
    live: int
    sessions: int
    ending: int


def get_overview(*, now: datetime) -> Overview:
    """Return the figures over all packages."""
    counts = Package.objects.aggregate(
        sold=Count("pk", filter=Q(sold_at__gt=now - MONTH)),
        live=Count("pk", filter=Q(status__in=LIVE)),
        ending=Count("pk", filter=Q(status=PackageStatus.ACTIVE, ends_at__lte=now + SOON)),
    )
    money = PackagePayment.objects.filter(prepayment__at__gt=now - MONTH).aggregate(
        taken=Sum("prepayment__amount")
    )
    live = PackagePart.objects.filter(package__status__in=LIVE).aggregate(left=Sum("balance"))
    return Overview(**counts, taken=money["taken"] or Decimal(0), sessions=live["left"] or 0)


@dataclass(frozen=True, kw_only=True)
class UsedUp:
    service: str
    sessions: int
    price: Decimal

    @property
    def sum(self) -> Decimal:
        return self.sessions * self.price


@dataclass(frozen=True, kw_only=True)
class RefundQuote:
    """The price of the package less what was `used` at the list price of the day of sale."""

    price: Decimal
    used: Sequence[UsedUp]

    @property
    def used_sum(self) -> Decimal:
        return sum((row.sum for row in self.used), Decimal(0))

    @property
    def back(self) -> Decimal:
        return max(self.price - self.used_sum, Decimal(0))


def quote_refund(*, package: Package) -> RefundQuote:
    """Return what would go back if the package were refunded now."""
    debits = PackageEntry.objects.filter(
        package=package, kind=EntryKind.DEBIT, undone_by__isnull=True
    )
    counted = Counter(debits.values_list("part_id", "service_id"))
    prices = PackagePrice.objects.filter(part__package=package).select_related("service")
    return RefundQuote(
        price=package.price,
        used=[
            UsedUp(
                service=price.service.name,
                sessions=counted[price.part_id, price.service_id],
                price=price.price,
            )
            for price in prices.order_by("part__position", "pk")
            if counted[price.part_id, price.service_id]
        ],
    )


@dataclass(frozen=True, kw_only=True)
class TypeRow:
    """A type on the page, and how many of it were sold and are still in use."""

    type: PackageType
    sold: int
    live: int


def list_types() -> list[TypeRow]:
    """Return every type, those on sale first, with its sales."""
    sales = Package.objects.values("type").annotate(
        sold=Count("pk"), live=Count("pk", filter=Q(status__in=LIVE))
    )
    found = {row["type"]: row for row in sales.order_by()}
    types = PackageType.objects.prefetch_related("parts__services").order_by("-is_active", "name")
    return [
        TypeRow(
            type=one,
            sold=found[one.pk]["sold"] if one.pk in found else 0,
            live=found[one.pk]["live"] if one.pk in found else 0,
        )
        for one in types
    ]


def list_on_sale() -> QuerySet[PackageType]:
    """Return what can be sold now, with its parts and services."""
    on_sale = PackageType.objects.filter(is_active=True)
    return on_sale.prefetch_related("parts__services").order_by("name")


def list_payments(*, package_id: int) -> QuerySet[PackagePayment]:
    """Return the money of the package, as it came and went."""
    rows = PackagePayment.objects.filter(package=package_id).select_related("prepayment")
    return rows.order_by("pk")
