"""What can be bought. A change holds for sales from now on: sold packages keep their terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from outbox.errors import Refused
from packages.models import Activation, PackageType, TypePart

MOST_SESSIONS = 500
LONGEST_TERM = 3650
DEAREST = Decimal("99999999.99")


class TypeExists(Refused):
    code = "package_type_exists"
    message = _("There is already a package with this name.")


class WrongType(Refused):
    code = "wrong_package_type"
    status = 422
    message = _(
        "Check the package: a name, a price, a term of 1–3650 days, a reminder within the term, "
        "and 1–500 sessions of at least one service."
    )


@dataclass(frozen=True, kw_only=True)
class PartRule:
    """`sessions` of any of the services."""

    sessions: int
    service_ids: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class TypeRule:
    """The terms of a package: the price in roubles, the rest in days. See `PackageType`."""

    name: str
    price: Decimal
    term_days: int
    parts: Sequence[PartRule]
    activation: str = Activation.SALE
    warn_days: int = 14
    freeze_days: int = 0
    is_transferable: bool = False
    is_bearer: bool = False


@transaction.atomic
def save_type(*, rule: TypeRule, type_id: int | None = None) -> PackageType:
    """Add a type, or change the one given. Raises `WrongType`, `TypeExists`."""
    if not _is_sound(rule):
        raise WrongType
    types = PackageType.objects.select_for_update(no_key=True)
    kept = types.get(pk=type_id) if type_id else PackageType()
    for name in ("price", "term_days", "activation", "warn_days", "freeze_days"):
        setattr(kept, name, getattr(rule, name))
    kept.name = rule.name.strip()
    kept.is_transferable, kept.is_bearer = rule.is_transferable, rule.is_bearer
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError as error:
        raise TypeExists from error
    kept.parts.all().delete()
    for position, part in enumerate(rule.parts):
        row = TypePart.objects.create(type=kept, position=position, sessions=part.sessions)
        row.services.set(part.service_ids)
    return kept


def put_on_sale(*, type_id: int) -> None:
    """Sell it again. Doing it twice is harmless."""
    PackageType.objects.filter(pk=type_id).update(is_active=True)


def take_off_sale(*, type_id: int) -> None:
    """Sell no more of it; those sold go on. Doing it twice is harmless."""
    PackageType.objects.filter(pk=type_id).update(is_active=False)


def _is_sound(rule: TypeRule) -> bool:
    return (
        0 < len(rule.name.strip()) <= 100
        and 0 < rule.price <= DEAREST
        and 1 <= rule.term_days <= LONGEST_TERM
        and 0 <= rule.warn_days <= rule.term_days
        and 0 <= rule.freeze_days <= LONGEST_TERM
        and rule.activation in Activation.values
        and bool(rule.parts)
        and all(part.service_ids and 1 <= part.sessions <= MOST_SESSIONS for part in rule.parts)
    )
