"""Whose patients a doctor may see: the rooms above say what makes a patient his.

A room registers in its `handlers.py` what ties a patient to a doctor (an appointment, a course):

    @treats
    def appointments_with(user_id: int) -> QuerySet[Appointment]: ...

The rows need a `patient_id`. Nobody registered: a doctor sees nobody.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

Tie = Callable[[int], "QuerySet[Any]"]

TIES: dict[str, Tie] = {}


def treats(tie: Tie) -> Tie:
    """Register a tie; a repeated import registers it once."""
    TIES[f"{tie.__module__}.{tie.__qualname__}"] = tie
    return tie
