"""From a rule to one SQL statement.

Counts and sums come from the patient's row in `PatientTotals`; "did" and "did not" are EXISTS and
NOT EXISTS. Nothing is joined that could multiply patients, so nothing needs DISTINCT.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet

from campaigns.segments.moment import Moment
from campaigns.segments.rules import Condition, Node, Not, parse_rule
from patients.models import Patient


def compile_rule(rule: Mapping[str, Any], *, now: datetime) -> QuerySet[Patient]:
    """The patients whom the rule picks as of `now`, unordered. Raises `RuleInvalid`."""
    return Patient.objects.filter(compile_node(parse_rule(rule), Moment(now)))


def compile_node(node: Node, moment: Moment) -> Q:
    """The tree as one condition over `Patient`."""
    match node:
        case Condition():
            return node.trait.compile(node.operator, node.value, moment)
        case Not():
            return ~compile_node(node.node, moment)
    joined = and_ if node.kind == "all" else or_
    return reduce(joined, (compile_node(child, moment) for child in node.nodes), Q())
