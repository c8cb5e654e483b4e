"""Values to ask every operator of every trait with, both ordinary ones and those on the edge."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from campaigns.segments.traits import TRAITS, Input, Operator, Trait

NUMBERS: dict[str, list[Any]] = {
    "age": [0, 17, 18, 29, 30, 46, 75],
    "days_since_visit": [0, 1, 7, 30, 60, 365],
    "spent": [0, 999.99, "1000", 2000, 4000, 10000],
    "average_bill": [0, 999.99, 1000, "2500.00"],
    "debt": [0, 0.01, 500],
    "points": [0, 1, 100, 5000],
    "package_sessions": [0, 1, 2, 3, 4, 6],
    "package_days": [0, 1, 5, 6, 7, 8, 29, 60],
    "last_score": [0, 5, 6, 7, 10],
}
FEW: list[Any] = [0, 1, 2, 3]
DATES = ["2025-11-21", "2026-09-22", "2026-10-22", "2026-11-13", "2026-11-14", "2026-11-21"]
DAYS = [0, 1, 7, 30, 60, 365]
AHEAD = [0, 1, 14, 41, 99, 364, 366]
TEXTS = ["дорого", "ДОРОГО", "го", "100%", "_", "нет такого"]


def list_values(trait: Trait, operator: Operator) -> list[Any]:
    """All the values with which the operator is tried; `[None]` where it needs none."""
    numbers = NUMBERS.get(trait.code, FEW)
    match operator.input:
        case Input.NONE:
            return [None]
        case Input.NUMBER:
            return list(numbers)
        case Input.NUMBERS:
            return [[low, high] for low, high in pairwise(numbers)]
        case Input.DATE:
            return list(DATES)
        case Input.DATES:
            return [[first, last] for first, last in pairwise(DATES)]
        case Input.DAYS:
            return list(AHEAD if trait.code == "birthday" else DAYS)
        case Input.TEXT:
            return list(TEXTS)
        case Input.CHOICES:
            return _list_choices(trait)
    return [deed for of in _list_choices(trait) for deed in _list_deeds(of, operator)]


def _list_choices(trait: Trait) -> list[list[Any]]:
    assert trait.options is not None
    choices = [option.value for option in trait.options.load()]
    return [*([choice] for choice in choices), choices]


def _list_deeds(of: list[Any], operator: Operator) -> list[dict[str, Any]]:
    deeds: list[dict[str, Any]] = [{"of": of}, *({"of": of, "days": days} for days in DAYS)]
    if operator.input == Input.ACTIVITY_TIMES:
        deeds += [{"of": of, "times": 2}, {"of": of, "days": 365, "times": 3}]
    return deeds


def list_conditions(trait: Trait, operator: Operator) -> list[dict[str, Any]]:
    return [
        {"trait": trait.code, "op": operator.code} | ({} if value is None else {"value": value})
        for value in list_values(trait, operator)
    ]


def rules() -> st.SearchStrategy[dict[str, Any]]:
    """Nested rules over all traits. Draw inside a test: choices are read from the database."""
    conditions = [
        condition
        for trait in TRAITS.values()
        for operator in trait.operators
        for condition in list_conditions(trait, operator)
    ]
    groups = st.recursive(
        st.sampled_from(conditions),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4).map(lambda nodes: {"all": nodes}),
            st.lists(inner, min_size=1, max_size=4).map(lambda nodes: {"any": nodes}),
            inner.map(lambda node: {"not": node}),
        ),
        max_leaves=10,
    )
    return groups.filter(lambda rule: count_levels(rule) <= 6)


def count_levels(rule: dict[str, Any]) -> int:
    match rule:
        case {"all": nodes} | {"any": nodes}:
            return 1 + max(map(count_levels, nodes))
        case {"not": node}:
            return 1 + count_levels(node)
    return 1
