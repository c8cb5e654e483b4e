"""Changes of the loyalty ledger. Every one holds the account of its patient."""

from loyalty.actions.earning import earn_points_for_payment, take_back_points
from loyalty.actions.ledger import NotEnoughPoints
from loyalty.actions.spending import TooManyPoints, pay_with_points, return_points, spend_points
from loyalty.actions.tiers import TierExists, TierRule, WrongTier, remove_tier, save_tier
from loyalty.actions.upkeep import (
    AdjustmentKeyReused,
    NoReason,
    WrongPoints,
    adjust_points,
    expire_points_next,
    recount_accounts,
)

__all__ = [
    "AdjustmentKeyReused",
    "NoReason",
    "NotEnoughPoints",
    "TierExists",
    "TierRule",
    "TooManyPoints",
    "WrongPoints",
    "WrongTier",
    "adjust_points",
    "earn_points_for_payment",
    "expire_points_next",
    "pay_with_points",
    "recount_accounts",
    "remove_tier",
    "return_points",
    "save_tier",
    "spend_points",
    "take_back_points",
]
