"""At which branch something is booked from the page of another one."""

from collections.abc import Mapping
from typing import Any

from clinic.http import read_number
from clinic.models import Branch


def find_place(asked: Mapping[str, Any], *, default: Branch) -> Branch:
    """Return the branch that `place` names, the default when it names none."""
    number = read_number(str(asked.get("place") or ""))
    if number is None or number == default.pk:
        return default
    return Branch.objects.filter(pk=number, is_active=True).first() or default


def has_neighbours(branch: Branch) -> bool:
    """Whether the city has another branch."""
    others = Branch.objects.filter(city=branch.city, is_active=True).exclude(pk=branch.pk)
    return others.exists()
