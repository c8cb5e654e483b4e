"""Visits as calendar files (RFC 5545): what a phone or a desk calendar takes over.

A calendar is read over somebody's shoulder, so an entry says "Visit" and where: no service, no
specialty, no name. Times are instants in UTC, which every calendar shows on its own clock.
"""

from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from appointments.models import Appointment, AppointmentStatus
from clinic.formats import format_phone

PRODUCT = "-//Clinic CRM//Visits//EN"


def write_visit(rows: Iterable[Appointment], *, now: datetime) -> bytes:
    """Return the visit for the patient's own calendar.

    Every service keeps its UID, and SEQUENCE grows with each change, so the entry of a visit that
    was moved moves, and that of a cancelled one goes.
    """
    rows = list(rows)
    is_off = all(row.status == AppointmentStatus.CANCELLED for row in rows)
    calendar = _begin(method="CANCEL" if is_off else "PUBLISH")
    for row in rows:
        entry = _enter(row, summary=_("Visit"), now=now)
        entry.add("location", f"{row.branch.city}, {row.branch.address}")
        if row.branch.phone:
            told = _("To move or cancel: %(phone)s") % {"phone": format_phone(row.branch.phone)}
            entry.add("description", told)
        calendar.add_component(entry)
    content: bytes = calendar.to_ical()
    return content


def write_feed(rows: Iterable[Appointment], *, now: datetime) -> bytes:
    """Return an employee's visits for the calendar that subscribes to them.

    Whatever is no longer in the list goes from the calendar by itself.
    """
    calendar = _begin(method="PUBLISH")
    calendar.add("x-wr-calname", _("Visits"))
    calendar.add("x-published-ttl", "PT15M")
    for row in rows:
        entry = _enter(row, summary=_("Visit"), now=now)
        entry.add("location", f"{row.branch.city}, {row.branch.address}")
        calendar.add_component(entry)
    content: bytes = calendar.to_ical()
    return content


def _begin(*, method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _enter(row: Appointment, *, summary: str, now: datetime) -> Event:
    sender, host = settings.DEFAULT_FROM_EMAIL, settings.PUBLIC_URL.partition("://")[2]
    organizer = vCalAddress(f"mailto:{parseaddr(sender)[1]}")
    organizer.params["cn"] = vText(settings.CLINIC_NAME)
    is_off = row.status == AppointmentStatus.CANCELLED
    entry = Event()
    entry.add("uid", f"visit-{row.pk}@{host}")
    entry.add("sequence", row.version - 1)
    entry.add("dtstamp", now)
    entry.add("dtstart", row.starts_at)
    entry.add("dtend", row.ends_at)
    entry.add("summary", summary)
    entry.add("status", "CANCELLED" if is_off else "CONFIRMED")
    entry.add("organizer", organizer)
    return entry
