"""Copying: the shifts of some days once more, on other days or for another person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from clinic.actions.hours import WorksElsewhere
from clinic.actions.rotations import Filled, KeptDay, lock_employees
from clinic.actions.shift_sql import COPY
from clinic.days import day_bounds
from clinic.events import ShiftsFilled
from clinic.models import Branch, Employee, Shift
from outbox.actions import record_event
from outbox.errors import Refused

MOST_TIMES = 26
LONGEST = 31


class NothingToCopy(Refused):
    code = "nothing_to_copy"
    message = _("There are no shifts on these days. Choose other ones.")


class CopyTooLong(Refused):
    code = "copy_too_long"
    message = _("Copy at most 31 days at once, and at most 26 times.")


class CopyOntoItself(Refused):
    code = "copy_onto_itself"
    message = _("The copy would fall on the same days. Choose later days or another employee.")


@dataclass(frozen=True, kw_only=True)
class CopyOrder:
    """`days` days of a branch from `first`, `times` times in a row from `to_first` on.

    Of these employees; `to_employee_id` takes the shifts of one of them over.
    """

    branch_id: int
    employee_ids: Sequence[int]
    first: date
    days: int
    to_first: date
    times: int = 1
    to_employee_id: int | None = None


@transaction.atomic
def copy_shifts(*, order: CopyOrder, actor_id: int | None, now: datetime) -> Filled:
    """Add the copies; shifts that are there already stay, and what they hindered is told.

    A `KeptDay` is `busy`, or `closed` where the branch is not open then. What would be over is left
    out. Copies are shifts by hand. Raises `CopyTooLong`, `CopyOntoItself`, `WorksElsewhere`,
    `NothingToCopy`.
    """
    _check(order)
    branch = Branch.objects.get(pk=order.branch_id)
    takers = [order.to_employee_id] if order.to_employee_id else list(order.employee_ids)
    found = lock_employees(takers)
    here = Employee.objects.filter(pk__in=takers, is_active=True, branches=branch)
    if here.count() != len(found):
        raise WorksElsewhere
    rows = _copy(order, branch, now=now)
    added = [row for row in rows if row[2]]
    last = order.to_first + timedelta(days=order.days * order.times - 1)
    for employee_id in sorted({row[0] for row in added}):
        fact = ShiftsFilled(
            patient_id=None,
            employee_id=employee_id,
            branch_id=branch.pk,
            starts_at=day_bounds(branch, order.to_first)[0].isoformat(),
            ends_at=day_bounds(branch, last)[1].isoformat(),
            added=sum(row[0] == employee_id for row in added),
            removed=0,
        )
        record_event(fact, actor_id=actor_id, now=now)
    kept = {(row[0], row[1]): "busy" if row[3] else "closed" for row in rows if not row[2]}
    return Filled(
        added=len(added),
        removed=0,
        kept=[
            KeptDay(employee_id=employee_id, on=on, reason=reason)
            for (employee_id, on), reason in sorted(kept.items())
        ],
    )


def _check(order: CopyOrder) -> None:
    if not (1 <= order.days <= LONGEST and 1 <= order.times <= MOST_TIMES):
        raise CopyTooLong
    is_same_person = order.to_employee_id is None or order.employee_ids == [order.to_employee_id]
    if is_same_person and order.to_first < order.first + timedelta(days=order.days):
        raise CopyOntoItself


def _copy(order: CopyOrder, branch: Branch, *, now: datetime) -> list[tuple[int, date, bool, bool]]:
    shift = (order.to_first - order.first).days
    last = order.first + timedelta(days=order.days - 1)
    parameters: dict[str, Any] = {
        "branch_id": branch.pk,
        "employee_ids": list(order.employee_ids),
        "to_employee_id": order.to_employee_id,
        "starts": day_bounds(branch, order.first)[0],
        "ends": day_bounds(branch, last)[1],
        "steps": [shift + order.days * number for number in range(order.times)],
        "now": now,
    }
    source = Shift.objects.filter(
        branch=branch,
        employee__in=order.employee_ids,
        starts_at__gte=parameters["starts"],
        starts_at__lt=parameters["ends"],
    )
    if not source.exists():
        raise NothingToCopy
    with connection.cursor() as cursor:
        cursor.execute(COPY, parameters)
        return list(cursor.fetchall())
