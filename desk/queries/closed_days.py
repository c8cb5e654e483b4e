"""Public holidays with what the clinic decided about them, and closed rooms and devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from clinic.models import Branch, BranchDay, Closure
from clinic.public_holidays import list_public_holidays


@dataclass(frozen=True, kw_only=True)
class SpecialDay:
    """A day of the year that is unlike others; `decided` None: a holiday nobody decided about."""

    on: date
    name: str
    is_holiday: bool
    decided: BranchDay | None
    is_over: bool

    @property
    def is_undecided(self) -> bool:
        return self.decided is None and not self.is_over


def list_special_days(*, branch: Branch, year: int, today: date) -> list[SpecialDay]:
    """Return the public holidays of the year and the days that the clinic decided about.

    First those to come, then those that are over.
    """
    holidays = list_public_holidays(year)
    decided = {day.on: day for day in BranchDay.objects.filter(branch=branch, on__year=year)}
    return [
        SpecialDay(
            on=on,
            name=(decided[on].name if on in decided else "") or holidays.get(on, ""),
            is_holiday=on in holidays,
            decided=decided.get(on),
            is_over=on < today,
        )
        for on in sorted({*holidays, *decided}, key=lambda on: (on < today, on))
    ]


def list_closures(*, branch: Branch, now: datetime) -> Sequence[Closure]:
    """Return the closures of the branch's rooms and devices that are not over, by time."""
    found = Closure.objects.filter(Q(room__branch=branch) | Q(device__branch=branch))
    return list(
        found.filter(ends_at__gt=now).select_related("room", "device").order_by("starts_at", "pk")
    )
