import json
from typing import Any

import pytest

from campaigns.segments.catalogue import list_catalogue
from campaigns.segments.rules import RuleInvalid, list_conditions, load_rule, parse_rule
from campaigns.segments.traits import TRAITS

BOOKED = {"trait": "booked", "op": "yes"}


def faults_of(rule: Any) -> dict[str, str]:
    with pytest.raises(RuleInvalid) as refusal:
        parse_rule(rule)
    return {fault.path: fault.text for fault in refusal.value.faults}


def test_every_fault_is_told_with_its_place() -> None:
    rule = {
        "all": [
            BOOKED,
            {"trait": "colour", "op": "in", "value": ["red"]},
            {"any": [{"trait": "visits", "op": "sounds_like", "value": 3}]},
            {"not": {"trait": "visits", "op": "between", "value": [5, 2]}},
            {"trait": "service", "op": "did", "value": {"of": [7], "days": "x"}},
            {"any": []},
        ]
    }

    assert faults_of(rule) == {
        "/all/1/trait": "Такого признака нет.",
        "/all/2/any/0/op": "К этому признаку нельзя применить такое сравнение.",
        "/all/3/not/value": "Первое значение не должно быть больше второго.",
        "/all/4/value/days": "Укажите целое число.",
        "/all/5": "Группа пуста: добавьте условие или удалите её.",
    }


@pytest.mark.parametrize(
    "rule",
    [
        None,
        [],
        "all",
        7,
        {},
        {"any": []},
        {"all": {}},
        {"all": [BOOKED], "any": [BOOKED]},
        {"trait": "booked"},
        {"trait": ["booked"], "op": "yes"},
        BOOKED | {"else": 1},
        {"__class__": "booked", "op": "yes"},
    ],
)
def test_what_is_not_a_rule_is_refused(rule: Any) -> None:
    assert list(faults_of(rule)) == [""]


@pytest.mark.parametrize(
    ("trait", "operator", "value"),
    [
        ("visits", "gte", True),
        ("visits", "gte", "3"),
        ("visits", "gte", -1),
        ("visits", "gte", 10**12),
        ("visits", "gte", None),
        ("visits", "between", [1]),
        ("visits", "between", 1),
        ("spent", "gte", float("nan")),
        ("spent", "gte", float("inf")),
        ("spent", "gte", "1e400"),
        ("spent", "gte", 0.001),
        ("spent", "gte", []),
        ("last_visit", "since", "21.11.2026"),
        ("last_visit", "since", "9999-12-31"),
        ("last_visit", "since", 5),
        ("last_visit", "last_days", 10**9),
        ("birthday", "within", 367),
        ("sex", "in", []),
        ("sex", "in", ["X"]),
        ("sex", "in", "F"),
        ("sex", "empty", ["F"]),
        ("branch", "in", ["Москва"]),
        ("branch", "in", [2**63]),
        ("branch", "in", [True]),
        ("branch", "in", list(range(1, 300))),
        ("refusal_reason", "contains", " "),
        ("refusal_reason", "contains", "x" * 101),
        ("refusal_reason", "contains", "a\x00b"),
        ("refusal_reason", "contains", "\ud800"),
        ("booked", "yes", 1),
        ("service", "did", {"of": []}),
        ("service", "did", {"of": [1], "filter": "x"}),
        ("service", "did", {"of": [1], "times": 0}),
        ("service", "did_not", {"of": [1], "times": 2}),
        ("service", "did", [1]),
        ("marketing_consent", "any", ["PIGEON"]),
    ],
)
def test_a_value_that_does_not_fit_is_refused(trait: str, operator: str, value: Any) -> None:
    faults = faults_of({"trait": trait, "op": operator, "value": value})

    assert [path[:6] for path in faults] == ["/value"]


def test_depth_and_number_of_conditions_are_limited() -> None:
    deep: Any = BOOKED
    for _ in range(6):
        deep = {"all": [deep]}

    assert faults_of(deep) == {"/all/0" * 6: "Не больше 6 уровней вложенности."}
    assert faults_of({"all": [BOOKED] * 51}) == {"": "Не больше 50 условий."}
    assert faults_of({"all": [{"any": [BOOKED] * 26}] * 2}) == {"": "Не больше 50 условий."}


@pytest.mark.parametrize("text", ["", "{", "[" * 19_000, '"' + "x" * 30_000 + '"'])
def test_what_is_not_json_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(RuleInvalid):
        load_rule(text)


def test_an_empty_rule_at_the_top_reads() -> None:
    node = parse_rule(load_rule('{"all": []}'))

    assert list(list_conditions(node)) == []


@pytest.mark.django_db
def test_the_catalogue_is_plain_data(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(6):  # one for each trait whose options are rows
        catalogue = list_catalogue()

    traits = [trait for topic in catalogue["topics"] for trait in topic["traits"]]
    assert [trait["code"] for trait in traits] == list(TRAITS)
    assert json.loads(json.dumps(catalogue)) == catalogue
