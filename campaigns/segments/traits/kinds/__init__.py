"""The kinds of traits. A trait of the catalogue is one of these with its own SQL filled in."""

from campaigns.segments.traits.kinds.activity import ActivityTrait
from campaigns.segments.traits.kinds.choices import ChoiceTrait, SetTrait, TextTrait
from campaigns.segments.traits.kinds.dates import AheadTrait, DateTrait
from campaigns.segments.traits.kinds.numbers import (
    AgeTrait,
    FlagTrait,
    NumberTrait,
    true_or_false,
)

__all__ = [
    "ActivityTrait",
    "AgeTrait",
    "AheadTrait",
    "ChoiceTrait",
    "DateTrait",
    "FlagTrait",
    "NumberTrait",
    "SetTrait",
    "TextTrait",
    "true_or_false",
]
