"""Rules in words, and why a patient is in or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from campaigns.segments.compiler import compile_node
from campaigns.segments.moment import Moment
from campaigns.segments.rules import (
    Condition,
    Fault,
    Node,
    Not,
    RuleInvalid,
    list_conditions,
    parse_rule,
)
from campaigns.segments.traits.base import Names, Trait
from campaigns.segments.traits.kinds import true_or_false
from patients.models import Patient


class OptionNames:
    """The labels of the options of traits, read once for each trait that is asked for."""

    def __init__(self) -> None:
        self._read: dict[str, Names] = {}

    def of(self, trait: Trait) -> Names:
        if trait.options is None:
            return {}
        if trait.code not in self._read:
            self._read[trait.code] = {option.value: option.label for option in trait.options.load()}
        return self._read[trait.code]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A node of a rule in words. `kind` is "condition", "all", "any" or "not".

    In an explanation `holds` says whether it is true of the patient and `fact` what is known of
    him; in a plain description they are None and "".
    """

    kind: str
    path: str
    text: str = ""
    lines: "tuple[Line, ...]" = ()
    holds: bool | None = None
    fact: str = ""


def check_choices(node: Node, *, names: OptionNames) -> None:
    """Make sure that every option named by the rule is there to be chosen. `RuleInvalid`."""
    faults = [
        Fault(f"{asked.path}/value", _("This choice is no longer there: choose another."))
        for asked in list_conditions(node)
        if set(asked.trait.chosen(asked.value)) - names.of(asked.trait).keys()
    ]
    if faults:
        raise RuleInvalid(faults)


def describe_rule(rule: Mapping[str, Any], *, names: OptionNames) -> Line:
    """Say the rule in words. Raises `RuleInvalid`."""
    return _describe(parse_rule(rule), names)


def explain_rule(
    rule: Mapping[str, Any], *, patient_id: int, names: OptionNames, now: datetime
) -> Line:
    """Say of every condition whether it holds for the patient, and the fact that decided.

    All conditions and facts are read in one statement, by the very SQL that picks the members.
    Raises `RuleInvalid`, `Patient.DoesNotExist`.
    """
    node, moment = parse_rule(rule), Moment(now)
    known = _read_facts(list(list_conditions(node)), patient_id, moment)
    return _explain(node, known, names, moment)


Known = dict[str, tuple[bool, Any]]
"""By the path of the condition: does it hold, and the fact."""


def _read_facts(conditions: list[Condition], patient_id: int, moment: Moment) -> Known:
    columns: dict[str, Any] = {}
    for place, asked in enumerate(conditions):
        columns[f"holds_{place}"] = true_or_false(compile_node(asked, moment))
        columns[f"fact_{place}"] = asked.trait.fact(asked.value, moment)
    row = Patient.objects.filter(pk=patient_id).annotate(**columns).values("pk", *columns).get()
    return {
        asked.path: (row[f"holds_{place}"], row[f"fact_{place}"])
        for place, asked in enumerate(conditions)
    }


def _describe(node: Node, names: OptionNames) -> Line:
    match node:
        case Condition():
            text = node.trait.say(node.operator, node.value, names.of(node.trait))
            return Line(kind="condition", path=node.path, text=text)
        case Not():
            return Line(kind="not", path=node.path, lines=(_describe(node.node, names),))
    lines = tuple(_describe(child, names) for child in node.nodes)
    return Line(kind=node.kind, path=node.path, lines=lines)


def _explain(node: Node, known: Known, names: OptionNames, moment: Moment) -> Line:
    match node:
        case Condition():
            holds, fact = known[node.path]
            said = node.trait.say_fact(fact, names.of(node.trait), moment)
            text = node.trait.say(node.operator, node.value, names.of(node.trait))
            return Line(kind="condition", path=node.path, text=text, holds=holds, fact=said)
        case Not():
            inner = _explain(node.node, known, names, moment)
            return Line(kind="not", path=node.path, lines=(inner,), holds=not inner.holds)
    lines = tuple(_explain(child, known, names, moment) for child in node.nodes)
    held = [bool(line.holds) for line in lines]
    holds = all(held) if node.kind == "all" else any(held)
    return Line(kind=node.kind, path=node.path, lines=lines, holds=holds)
