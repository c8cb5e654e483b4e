"""The rules of the programme: tiers by money spent. A change holds for payments from now on."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from loyalty.models import Tier
from outbox.errors import Refused


class TierExists(Refused):
    code = "tier_exists"
    message = _("There is already a tier with this name or from this spend.")


class WrongTier(Refused):
    code = "wrong_tier"
    status = 422
    message = _("Check the tier: 0–100 %, from 0 roubles, points live 1–3650 days.")


@dataclass(frozen=True, kw_only=True)
class TierRule:
    """From `spent_from` roubles on, a rouble earns `earn_percent` %; points live that many days."""

    name: str
    spent_from: Decimal
    earn_percent: Decimal
    points_live_days: int


@transaction.atomic
def save_tier(*, rule: TierRule, tier_id: int | None = None) -> Tier:
    """Add a tier, or change the one given. Raises `WrongTier`, `TierExists`."""
    if not (
        rule.name.strip()
        and rule.spent_from >= 0
        and 0 <= rule.earn_percent <= 100
        and 1 <= rule.points_live_days <= 3650
    ):
        raise WrongTier
    tier = Tier.objects.select_for_update().get(pk=tier_id) if tier_id else Tier()
    tier.name = rule.name.strip()
    tier.spent_from = rule.spent_from
    tier.earn_percent = rule.earn_percent
    tier.points_live_days = rule.points_live_days
    try:
        with transaction.atomic():
            tier.save()
    except IntegrityError as error:
        raise TierExists from error
    return tier


def remove_tier(*, tier_id: int) -> None:
    """Take a tier away; its patients fall to the one below. Doing it twice is harmless."""
    Tier.objects.filter(pk=tier_id).delete()
