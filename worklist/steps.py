"""What to do about a task besides calling: the page where its evidence is made.

This room lies below those pages, so whoever owns them registers the way there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from worklist.models import Task


@dataclass(frozen=True, kw_only=True)
class Step:
    """A button at a task. `address` returns the page, empty when the task has no way there.

    With `is_dialog` the address answers a dialog, which opens over the list.
    """

    label: str | Promise
    icon: str
    address: Callable[[Task], str]
    is_dialog: bool = False


STEPS: dict[str, Step] = {}
"""By kind of task."""


def register_step(step: Step, *kinds: str) -> None:
    """Show the button at tasks of these kinds."""
    STEPS.update(dict.fromkeys(kinds, step))
