"""A sale: the money, the terms copied from the type, and the sessions, all or nothing."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions import PrepaymentOrder, take_prepayment
from appointments.models import PaymentMethod
from outbox.actions import record_event
from outbox.errors import Refused
from packages.actions.ledger import Change, begin_term, write_entry
from packages.codes import make_code
from packages.events import PackageSold
from packages.models import (
    Activation,
    EntryKind,
    Package,
    PackagePart,
    PackagePayment,
    PackagePrice,
    PackageStatus,
    PackageType,
    TypePart,
)

TRIES = 5
"""How often another code is tried when one is taken: twice in a row is one in 10^22."""


class NotOnSale(Refused):
    code = "package_not_on_sale"
    message = _("This package is not sold any more. Choose another one.")


class PriceNotMet(Refused):
    """`price` is roubles as a decimal string."""

    code = "price_not_met"
    status = 422
    message = _("What is paid must be exactly the price of the package, to the kopeck.")


class SaleKeyReused(Refused):
    code = "key_reused"
    status = 422
    message = _("This request has already been used for another sale. Open the page again.")


@dataclass(frozen=True, kw_only=True)
class SaleOrder:
    """Who buys what, where and for what money. `key` (at most 90 characters) is one sale."""

    type_id: int
    patient_id: int
    branch_id: int
    key: str
    card: Decimal = Decimal(0)
    transfer: Decimal = Decimal(0)
    cash: Decimal = Decimal(0)
    is_family: bool = False

    @property
    def parts(self) -> tuple[tuple[PaymentMethod, Decimal], ...]:
        """The ways of paying with their sums, the same ones in the same order always."""
        return (
            (PaymentMethod.CARD, self.card),
            (PaymentMethod.TRANSFER, self.transfer),
            (PaymentMethod.CASH, self.cash),
        )

    def digest(self) -> str:
        """Return what tells two orders with one key apart."""
        sums = [f"{amount:f}" for _method, amount in self.parts]
        told = [self.type_id, self.patient_id, self.branch_id, *sums]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@transaction.atomic
def sell_package(*, order: SaleOrder, actor_id: int | None, now: datetime) -> Package:
    """Sell a package and take its price, or return what the same key sold before.

    Raises `NotOnSale`, `PriceNotMet`, `SaleKeyReused`, and what `take_prepayment` raises.
    """
    earlier = Package.objects.filter(key=order.key).first()
    if earlier is not None:
        return _same_or_refuse(earlier, order)
    offered = PackageType.objects.select_for_update(no_key=True).get(pk=order.type_id)
    package = _write_package(offered, order, now=now)
    if package is None:
        return _same_or_refuse(Package.objects.get(key=order.key), order)
    if not offered.is_active:
        raise NotOnSale
    sums = [amount for _method, amount in order.parts]
    if min(sums) < 0 or sum(sums) != offered.price:
        raise PriceNotMet(price=str(offered.price))
    _fill(package, offered, Change(now=now, actor_id=actor_id))
    _take_money(package, order, actor_id=actor_id, now=now)
    fact = PackageSold(
        patient_id=package.patient_id, package_id=package.pk, amount=str(package.price)
    )
    record_event(fact, actor_id=actor_id, now=now)
    return package


def _same_or_refuse(earlier: Package, order: SaleOrder) -> Package:
    if earlier.digest != order.digest():
        raise SaleKeyReused
    return earlier


def _write_package(offered: PackageType, order: SaleOrder, *, now: datetime) -> Package | None:
    """Return the new row; None when the same request has just written it."""
    is_begun = offered.activation == Activation.SALE
    for _try in range(TRIES):
        row = Package(
            type=offered,
            patient_id=order.patient_id,
            branch_id=order.branch_id,
            name=offered.name,
            price=offered.price,
            term_days=offered.term_days,
            activation=offered.activation,
            warn_days=offered.warn_days,
            freeze_days=offered.freeze_days,
            is_transferable=offered.is_transferable,
            is_bearer=offered.is_bearer,
            is_family=order.is_family,
            status=PackageStatus.ACTIVE if is_begun else PackageStatus.WAITING,
            code=make_code(),
            key=order.key,
            digest=order.digest(),
            sold_at=now,
        )
        if is_begun:
            begin_term(row, now=now)
        Package.objects.bulk_create([row], ignore_conflicts=True)
        written = Package.objects.filter(key=order.key).first()
        if written is not None:
            return written if written.code == row.code else None
    raise RuntimeError("every code that was tried is taken")


def _fill(package: Package, offered: PackageType, change: Change) -> None:
    """Copy the parts with today's prices; the ledger's first rows give them their sessions."""
    for told in TypePart.objects.filter(type=offered).order_by("position"):
        part = PackagePart.objects.create(
            package=package, position=told.position, sessions=told.sessions
        )
        PackagePrice.objects.bulk_create(
            PackagePrice(part=part, service=service, price=service.price)
            for service in told.services.order_by("pk")
        )
        entry = write_entry(package, EntryKind.SALE, f"sale:{part.pk}", change)
        entry.part, entry.sessions = part, part.sessions
        entry.save()


def _take_money(package: Package, order: SaleOrder, *, actor_id: int | None, now: datetime) -> None:
    for method, amount in order.parts:
        if amount:
            payment = take_prepayment(
                order=PrepaymentOrder(
                    patient_id=package.patient_id,
                    branch_id=package.branch_id,
                    method=method,
                    amount=amount,
                    key=f"{order.key}:{method}",
                ),
                actor_id=actor_id,
                now=now,
            )
            PackagePayment.objects.create(package=package, prepayment=payment)
