"""The catalogue of traits as plain data: for the rule builder and for the API."""

from typing import Any

from campaigns.segments.rules import MOST_CONDITIONS, MOST_LEVELS
from campaigns.segments.traits import TRAITS, Operator, Option, Topic, Trait


def list_catalogue() -> dict[str, Any]:
    """All traits by topic, each with its operators and options, in the user's language.

    One statement for each trait whose options are rows.
    """
    return {
        "limits": {"levels": MOST_LEVELS, "conditions": MOST_CONDITIONS},
        "topics": [
            {
                "code": topic.value,
                "label": str(topic.label),
                "traits": [_trait(trait) for trait in TRAITS.values() if trait.topic == topic],
            }
            for topic in Topic
        ],
    }


def _trait(trait: Trait) -> dict[str, Any]:
    options = trait.options.load() if trait.options else []
    return {
        "code": trait.code,
        "label": str(trait.label),
        "hint": str(trait.hint),
        "unit": str(trait.unit),
        "most": trait.greatest,
        "operators": [_operator(operator) for operator in trait.operators],
        "options": [_option(option) for option in options],
    }


def _operator(operator: Operator) -> dict[str, Any]:
    return {
        "code": operator.code,
        "label": str(operator.label),
        "input": operator.input.value,
    }


def _option(option: Option) -> dict[str, Any]:
    return {"value": option.value, "label": option.label}
