"""The rotations of a branch as people read them, and what stands out of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max

from clinic.days import today_at
from clinic.models import Branch, Rotation, RotationDay, RotationException, Shift


@dataclass(frozen=True, kw_only=True)
class Stripe:
    """Days of a cycle in a row with the same hours; `on` is when the first one falls."""

    first: int
    last: int
    on: date
    hours: RotationDay | None

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def until(self) -> date:
        return self.on + timedelta(days=self.length - 1)


@dataclass(frozen=True, kw_only=True)
class RotationRow:
    """`filled_until` is the last day that has a shift of it, None when none ahead has."""

    rotation: Rotation
    stripes: Sequence[Stripe]
    filled_until: date | None
    is_over: bool


def list_rotations(*, branch: Branch, now: datetime) -> list[RotationRow]:
    """Return the rotations by employee, those that still hold first, in three queries."""
    today = today_at(branch, now=now)
    found = (
        Rotation.objects.filter(branch=branch)
        .select_related("employee")
        .prefetch_related("days")
        .order_by("employee__last_name", "employee__first_name", "starts_on")
    )
    ahead = Shift.objects.filter(branch=branch, rotation__isnull=False, ends_at__gt=now)
    last = dict(
        ahead.values("rotation").annotate(last=Max("starts_at")).values_list("rotation", "last")
    )
    rows = [
        RotationRow(
            rotation=rotation,
            stripes=_stripe(rotation),
            filled_until=last[rotation.pk].astimezone(branch.zone).date()
            if rotation.pk in last
            else None,
            is_over=rotation.ends_on is not None and rotation.ends_on < today,
        )
        for rotation in found
    ]
    return sorted(rows, key=lambda row: row.is_over)


def list_exceptions(*, branch: Branch, now: datetime) -> list[RotationException]:
    """Return the excepted days from today on, by day."""
    today = now.astimezone(branch.zone).date()
    found = RotationException.objects.filter(branch=branch, on__gte=today)
    return list(found.select_related("employee").order_by("on", "employee__last_name", "pk"))


def _stripe(rotation: Rotation) -> list[Stripe]:
    by_number = {day.number: day for day in rotation.days.all()}
    stripes: list[Stripe] = []
    for number in range(rotation.cycle_days):
        hours = by_number.get(number)
        if stripes and _clock(stripes[-1].hours) == _clock(hours):
            before = stripes.pop()
            stripe = Stripe(first=before.first, last=number + 1, on=before.on, hours=hours)
        else:
            on = rotation.anchor_on + timedelta(days=number)
            stripe = Stripe(first=number + 1, last=number + 1, on=on, hours=hours)
        stripes.append(stripe)
    return stripes


def _clock(day: RotationDay | None) -> tuple[object, ...]:
    return () if day is None else (day.starts, day.break_starts, day.break_ends, day.ends)
