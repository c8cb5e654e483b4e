"""What the patient's page says besides the visit: the rooms above know.

A room registers in its `handlers.py`:

    @remarks
    def tell_what_is_left(patient_id: int, now: datetime) -> list[str]: ...

The page is open to whoever has the link: a remark names no service and no specialty.
"""

from collections.abc import Callable
from datetime import datetime

Teller = Callable[[int, datetime], list[str]]

TELLERS: dict[str, Teller] = {}


def remarks(teller: Teller) -> Teller:
    """Register a teller; a repeated import registers it once."""
    TELLERS[f"{teller.__module__}.{teller.__qualname__}"] = teller
    return teller


def list_remarks(*, patient_id: int, now: datetime) -> list[str]:
    """Return what all rooms have to say to the patient."""
    return [remark for teller in TELLERS.values() for remark in teller(patient_id, now)]
