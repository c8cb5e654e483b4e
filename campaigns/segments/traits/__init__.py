"""The catalogue of traits, in the order in which the rule builder offers them."""

from campaigns.segments.traits.base import Input, Operator, Topic, Trait
from campaigns.segments.traits.contact import CONTACT
from campaigns.segments.traits.money import MONEY
from campaigns.segments.traits.options import Option
from campaigns.segments.traits.person import PERSON
from campaigns.segments.traits.story import STORY
from campaigns.segments.traits.visits import SERVICES, VISITS

TRAITS: dict[str, Trait] = {
    trait.code: trait for trait in (*PERSON, *CONTACT, *VISITS, *SERVICES, *MONEY, *STORY)
}

__all__ = ["TRAITS", "Input", "Operator", "Option", "Topic", "Trait"]
