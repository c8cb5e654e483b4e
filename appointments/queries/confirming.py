"""Who comes tomorrow and has not said so."""

from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from appointments.events import AppointmentMoved
from appointments.models import Appointment, AppointmentStatus
from clinic.days import day_bounds, today_at
from clinic.models import Branch, Setting
from outbox.models import Event

HEARD_WITHIN = timedelta(hours=24)
"""Whoever booked or was given another time a day ago or later has just been spoken to."""


def is_eve(branch: Branch, *, setting: Setting, now: datetime) -> bool:
    """Whether it is late enough at the branch to call those of tomorrow."""
    clock = now.astimezone(branch.zone).time()
    return setting.confirm_from is not None and clock >= setting.confirm_from


def list_unconfirmed(*, branch: Branch, on: date) -> QuerySet[Appointment]:
    """Return the visits of the day that wait for a yes, by patient and time.

    Not those whose patients asked to move: reception calls them anyway.
    """
    starts_at, ends_at = day_bounds(branch, on)
    return Appointment.objects.filter(
        branch=branch,
        starts_at__gte=starts_at,
        starts_at__lt=ends_at,
        status=AppointmentStatus.BOOKED,
        wants_move=False,
    ).order_by("patient_id", "starts_at")


def list_silent(*, branch: Branch, on: date, now: datetime) -> list[Appointment]:
    """Return the unconfirmed of whom nothing was heard for `HEARD_WITHIN`."""
    since = now - HEARD_WITHIN
    rows = list(list_unconfirmed(branch=branch, on=on).filter(created_at__lte=since))
    moved = set(
        Event.objects.filter(
            name=AppointmentMoved.name,
            patient_id__in={row.patient_id for row in rows},
            occurred_at__gt=since,
        ).values_list("payload__appointment_id", flat=True)
    )
    return [row for row in rows if row.pk not in moved]


def count_unconfirmed_tomorrow(*, branch: Branch, now: datetime) -> int | None:
    """Return how many of tomorrow's visits wait for a yes; None before it is time to ask."""
    if not is_eve(branch, setting=Setting.load(), now=now):
        return None
    tomorrow = today_at(branch, now=now) + timedelta(days=1)
    return list_unconfirmed(branch=branch, on=tomorrow).count()
