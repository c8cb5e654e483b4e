"""Whether a message may go out now: asked again for each one, in the transaction that claims it."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Check(Protocol):
    """Return "" while the message still makes sense, else a reason code (`cancelled`, `moved`).

    `mark` is what the subject looked like when the message was written (a start, a version). The
    check runs inside the claiming transaction and may lock what it reads `FOR SHARE`.
    """

    def __call__(self, *, subject_id: int, mark: str, now: datetime) -> str: ...


CHECKS: dict[str, Check] = {}


def still_wanted(kind: str) -> Callable[[Check], Check]:
    """Register the check for messages about `kind`; apps above do so in their `handlers.py`."""

    def register(check: Check) -> Check:
        if CHECKS.setdefault(kind, check) is not check:
            raise ValueError(f"{kind} already has a check")
        return check

    return register
