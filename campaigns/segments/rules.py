"""Reading rules: JSON in, a checked tree out, or every fault with the place where it stands.

    {"all": [{"trait": "visits", "op": "gte", "value": 3},
             {"not": {"any": [{"trait": "booked", "op": "yes"}, …]}}]}

A place is a JSON pointer (`/all/1/not/any/0/value`). An empty `all` at the top picks everybody.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.segments.traits import TRAITS, Trait
from campaigns.segments.values import WrongValue
from outbox.errors import Refused

MOST_LEVELS = 6
MOST_CONDITIONS = 50
MOST_CHARACTERS = 20_000

CONDITION_KEYS = {"trait", "op", "value"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a rule, in the user's language, and where."""

    path: str
    text: str


class RuleRefused(Refused):
    """Nobody can be picked by the rule; `faults` says why, one for each place."""

    message = gettext_lazy("The rule of the segment has errors.")

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(faults=[{"path": fault.path, "text": fault.text} for fault in faults])


class RuleInvalid(RuleRefused):
    """The rule cannot be read."""

    code = "rule_invalid"
    status = 400


@dataclass(frozen=True, kw_only=True)
class Condition:
    path: str
    trait: Trait
    operator: str
    value: Any


@dataclass(frozen=True, kw_only=True)
class Group:
    path: str
    kind: Literal["all", "any"]
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, kw_only=True)
class Not:
    path: str
    node: "Node"


Node = Condition | Group | Not


def load_rule(text: str) -> Any:
    """Parse the JSON text of a rule. Raises `RuleInvalid`; its content is `parse_rule`'s matter."""
    if len(text) > MOST_CHARACTERS:
        raise RuleInvalid([Fault("", _("The rule is too long."))])
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RuleInvalid([Fault("", _("This is not JSON."))]) from None


def parse_rule(raw: Any) -> Node:
    """Check a rule whole and return it as a tree. Raises `RuleInvalid` with all its faults."""
    reading = _Reading()
    node = reading.read_top(raw)
    if node is None or reading.faults:
        raise RuleInvalid(reading.faults)
    return node


def list_conditions(node: Node) -> Iterator[Condition]:
    """The conditions of the tree, in the order in which they stand."""
    match node:
        case Condition():
            yield node
        case Not():
            yield from list_conditions(node.node)
        case Group():
            for child in node.nodes:
                yield from list_conditions(child)


class _Reading:
    """One pass over a rule that goes on after a fault, to find the others too."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.conditions = 0

    def read_top(self, raw: Any) -> Node | None:
        if raw == {"all": []}:
            return Group(path="", kind="all", nodes=())
        return self.read(raw, path="", level=1)

    def read(self, raw: Any, *, path: str, level: int) -> Node | None:
        """The node, or None with the fault put down."""
        try:
            return self._read(raw, path, level)
        except WrongValue as fault:
            self.faults.append(Fault(f"{path}{fault.at}", fault.text))
            return None

    def _read(self, raw: Any, path: str, level: int) -> Node | None:
        if level > MOST_LEVELS:
            raise WrongValue(_("At most %(most)s levels.") % {"most": MOST_LEVELS})
        match raw:
            case {"all": list(nodes), **rest} if not rest:
                return self._read_group("all", nodes, path, level)
            case {"any": list(nodes), **rest} if not rest:
                return self._read_group("any", nodes, path, level)
            case {"not": node, **rest} if not rest:
                inner = self.read(node, path=f"{path}/not", level=level + 1)
                return inner and Not(path=path, node=inner)
            case {"trait": str(code), "op": str(operator)} if set(raw) <= CONDITION_KEYS:
                return self._read_condition(code, operator, raw.get("value"), path)
        raise WrongValue(_("A condition or a group of conditions is needed here."))

    def _read_group(
        self, kind: Literal["all", "any"], raw: list[Any], path: str, level: int
    ) -> Node:
        if not raw:
            raise WrongValue(_("The group is empty: add a condition or remove it."))
        if len(raw) > MOST_CONDITIONS:
            raise WrongValue(_too_many())
        nodes = (
            self.read(item, path=f"{path}/{kind}/{place}", level=level + 1)
            for place, item in enumerate(raw)
        )
        return Group(path=path, kind=kind, nodes=tuple(node for node in nodes if node is not None))

    def _read_condition(self, code: str, operator: str, raw: Any, path: str) -> Condition:
        self.conditions += 1
        if self.conditions == MOST_CONDITIONS + 1:
            self.faults.append(Fault("", _too_many()))
        if not code:
            raise WrongValue(_("Choose what to ask for, or remove the condition."), at="/trait")
        trait = TRAITS.get(code)
        if trait is None:
            raise WrongValue(_("There is no such trait."), at="/trait")
        if trait.find_operator(operator) is None:
            raise WrongValue(_("This trait cannot be asked so."), at="/op")
        try:
            value = trait.read(operator, raw)
        except WrongValue as fault:
            raise WrongValue(fault.text, at=f"/value{fault.at}") from None
        return Condition(path=path, trait=trait, operator=operator, value=value)


def _too_many() -> str:
    return _("At most %(most)s conditions.") % {"most": MOST_CONDITIONS}
