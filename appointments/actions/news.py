"""Doctors hear at once what changes in their today and tomorrow, and who has come.

Nobody is told of what he did himself.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from appointments.models import Appointment, News, NewsKind
from clinic.days import today_at
from clinic.models import Branch, Employee


@transaction.atomic
def tell_of_booking(*, appointment_id: int, actor_id: int | None, now: datetime) -> None:
    row = _get(appointment_id)
    _note(row, NewsKind.BOOKED, moments=[row.starts_at], actor_id=actor_id, now=now)


@transaction.atomic
def tell_of_cancellation(*, appointment_id: int, actor_id: int | None, now: datetime) -> None:
    row = _get(appointment_id)
    _note(row, NewsKind.CANCELLED, moments=[row.starts_at], actor_id=actor_id, now=now)


@transaction.atomic
def tell_of_arrival(*, appointment_id: int, actor_id: int | None, now: datetime) -> None:
    row = _get(appointment_id)
    _note(row, NewsKind.ARRIVED, moments=[row.starts_at], actor_id=actor_id, now=now)


@transaction.atomic
def tell_of_move(
    *,
    appointment_id: int,
    from_start: datetime,
    from_employee_id: int | None,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Tell the employee whose diary it is, or both when it went from one to the other."""
    row = _get(appointment_id)
    if from_employee_id in {None, row.employee_id}:
        moments = [from_start, row.starts_at]
        _note(row, NewsKind.MOVED, moments=moments, actor_id=actor_id, now=now, was_at=from_start)
        return
    _note(row, NewsKind.MOVED_IN, moments=[row.starts_at], actor_id=actor_id, now=now)
    _note(
        row,
        NewsKind.MOVED_AWAY,
        moments=[from_start],
        actor_id=actor_id,
        now=now,
        was_at=from_start,
        employee_id=from_employee_id,
    )


@transaction.atomic
def mark_news_seen(*, employee_id: int, until_id: int, now: datetime) -> int:
    """Close what the employee has read, up to this piece; return how many there were."""
    unseen = News.objects.filter(employee_id=employee_id, pk__lte=until_id, seen_at=None)
    return unseen.update(seen_at=now)


def _get(appointment_id: int) -> Appointment:
    return Appointment.objects.select_related("branch").get(pk=appointment_id)


def _note(
    row: Appointment,
    kind: NewsKind,
    *,
    moments: Collection[datetime],
    actor_id: int | None,
    now: datetime,
    was_at: datetime | None = None,
    employee_id: int | None = None,
) -> None:
    """Write it down when one of the moments is today or tomorrow at the branch."""
    told_id = employee_id or row.employee_id
    if not any(_is_near(moment, row.branch, now=now) for moment in moments):
        return
    hears = Employee.objects.filter(Q(user__isnull=False) | Q(mails_news=True), pk=told_id)
    if actor_id is not None:
        hears = hears.exclude(user_id=actor_id)
    if hears.exists():
        news = News(
            employee_id=told_id,
            appointment=row,
            kind=kind,
            version=row.version,
            was_at=was_at,
            created_at=now,
        )
        News.objects.bulk_create([news], ignore_conflicts=True)


def _is_near(moment: datetime, branch: Branch, *, now: datetime) -> bool:
    ahead = moment.astimezone(branch.zone).date() - today_at(branch, now=now)
    return timedelta(0) <= ahead <= timedelta(days=1)
