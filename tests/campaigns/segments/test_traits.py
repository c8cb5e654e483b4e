"""Every operator of every trait, and nests of them, against the oracle."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from campaigns.segments.compiler import compile_rule
from campaigns.segments.traits import TRAITS
from tests.campaigns.segments.base import NOW, Base
from tests.campaigns.segments.oracle import Oracle
from tests.campaigns.segments.questions import list_conditions, rules

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def oracle(base: Base) -> Oracle:
    return Oracle()


def picked(rule: dict[str, Any]) -> set[int]:
    found = list(compile_rule(rule, now=NOW).values_list("pk", flat=True))
    assert len(found) == len(set(found))  # no join multiplied anybody
    return set(found)


@pytest.mark.parametrize("code", TRAITS)
def test_every_operator_picks_whom_the_oracle_picks(code: str, oracle: Oracle) -> None:
    trait = TRAITS[code]

    for operator in trait.operators:
        sizes = set()
        for condition in list_conditions(trait, operator):
            expected = oracle.picks(condition)
            assert picked(condition) == expected, condition
            assert picked({"not": condition}) == oracle.picks({"not": condition}), condition
            sizes.add(len(expected))
        assert sizes - {0, len(oracle.patients)}, f"{code} {operator.code} was never put to a test"


def test_nested_rules_pick_whom_the_oracle_picks(oracle: Oracle) -> None:
    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rule=rules())
    def check(rule: dict[str, Any]) -> None:
        assert picked(rule) == oracle.picks(rule)

    check()
