"""Reading the values of conditions: any JSON goes in, a typed value or a fault comes out.

Bounds keep every value inside what the columns can hold, so that no rule can fail in the database.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _

T = TypeVar("T", int, Decimal, date)
V = TypeVar("V")
Choice = int | str

MOST_CHOICES = 200
MOST_TEXT = 100
MOST_DAYS = 36500
MOST_TIMES = 1000
MOST_ID = 2**31 - 1
UNSTORABLE = {"Cc", "Cs"}  # control characters and halves of pairs: the database refuses them
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class WrongValue(Exception):
    """The value of a condition is not what its operator needs; `text` says so to the user."""

    def __init__(self, text: str, *, at: str = "") -> None:
        self.text, self.at = text, at
        super().__init__(text)


@dataclass(frozen=True)
class Interval(Generic[T]):
    """Both ends belong to it; None is an open end."""

    low: T | None
    high: T | None

    def holds(self, value: T) -> bool:
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


@dataclass(frozen=True, kw_only=True)
class Activity:
    """At least `times` of any in `of`, in the last `days` days; None: ever."""

    of: tuple[Choice, ...]
    days: int | None = None
    times: int = 1


def read_whole(raw: Any, *, least: int, most: int) -> int:
    """A whole number of `least`…`most`. Raises `WrongValue`."""
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise WrongValue(_("A whole number is needed."))
    if not least <= raw <= most:
        raise WrongValue(_("From %(least)s to %(most)s.") % {"least": least, "most": most})
    return raw


def read_money(raw: Any, *, most: int) -> Decimal:
    """A sum from 0 to `most` with at most two places. Raises `WrongValue`."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise WrongValue(_("A sum in roubles is needed."))
    try:
        amount = Decimal(str(raw))
    except InvalidOperation:
        raise WrongValue(_("A sum in roubles is needed.")) from None
    if not amount.is_finite() or not 0 <= amount <= most:
        raise WrongValue(_("From %(least)s to %(most)s.") % {"least": 0, "most": most})
    if amount != amount.quantize(Decimal("0.01")):
        raise WrongValue(_("At most two digits after the point."))
    return amount


def read_date(raw: Any) -> date:
    """A date in the form 2026-11-21. Raises `WrongValue`."""
    try:
        day = date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise WrongValue(_("A date is needed.")) from None
    if not EARLIEST <= day <= LATEST:
        raise WrongValue(_("This date is too far away."))
    return day


def read_days(raw: Any) -> int:
    return read_whole(raw, least=0, most=MOST_DAYS)


def read_text(raw: Any) -> str:
    """A piece of text, spaces around it cut off. Raises `WrongValue`."""
    if not isinstance(raw, str) or not raw.strip():
        raise WrongValue(_("Write what to look for."))
    if len(raw) > MOST_TEXT:
        raise WrongValue(_("At most %(most)s characters.") % {"most": MOST_TEXT})
    if any(unicodedata.category(letter) in UNSTORABLE for letter in raw):
        raise WrongValue(_("The text holds characters that cannot be searched for."))
    return raw.strip()


def read_interval(raw: Any, read: Callable[[Any], T]) -> Interval[T]:
    """A list of two values, the smaller first. Raises `WrongValue`."""
    if not isinstance(raw, list) or len(raw) != 2:
        raise WrongValue(_("Two values are needed: from and to."))
    low, high = (_read_at(f"/{place}", raw[place], read) for place in range(2))
    if low > high:
        raise WrongValue(_("The first value must not exceed the second."))
    return Interval(low, high)


def read_choices(raw: Any, read: Callable[[Any], Choice]) -> tuple[Choice, ...]:
    """One or more different choices, each read by `read`. Raises `WrongValue`."""
    if not isinstance(raw, list) or not raw:
        raise WrongValue(_("Choose at least one."))
    if len(raw) > MOST_CHOICES:
        raise WrongValue(_("At most %(most)s choices.") % {"most": MOST_CHOICES})
    chosen = [_read_at(f"/{place}", item, read) for place, item in enumerate(raw)]
    return tuple(dict.fromkeys(chosen))


def read_activity(raw: Any, read: Callable[[Any], Choice], *, may_repeat: bool) -> Activity:
    """`{"of": [choice, …], "days": 90, "times": 2}`, the last two optional. `WrongValue`."""
    known = {"of", "days", "times"} if may_repeat else {"of", "days"}
    if not isinstance(raw, dict) or not set(raw) <= known:
        raise WrongValue(_("Choose at least one."))
    days, times = raw.get("days"), raw.get("times", 1)
    return Activity(
        of=_read_at("/of", raw.get("of"), lambda item: read_choices(item, read)),
        days=None if days is None else _read_at("/days", days, read_days),
        times=_read_at("/times", times, lambda item: read_whole(item, least=1, most=MOST_TIMES)),
    )


def read_nothing(raw: Any) -> None:
    """Raises `WrongValue` when an operator that needs no value was given one."""
    if raw is not None:
        raise WrongValue(_("This condition needs no value."))


def _read_at(place: str, raw: Any, read: Callable[[Any], V]) -> V:
    try:
        return read(raw)
    except WrongValue as fault:
        raise WrongValue(fault.text, at=f"{place}{fault.at}") from None


def say_interval(asked: Interval[Any], say: Callable[[Any], str]) -> tuple[str, ...]:
    """The ends that are given; one where both are the same."""
    ends = [end for end in (asked.low, asked.high) if end is not None]
    return tuple(say(end) for end in dict.fromkeys(ends))
