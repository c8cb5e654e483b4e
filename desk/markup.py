"""Rows that a page repeats by the dozen. A template would take most of the page's time for them."""

from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from appointments.models import AppointmentStatus
from clinic.formats import (
    format_age,
    format_clock,
    format_day,
    format_moment,
    format_number,
    format_phone,
    format_roubles,
)
from clinic.markup import draw_icon, draw_person, draw_status, fill_html
from desk.queries.board import Card
from desk.queries.patient_list import ListRow
from patients.models import Attitude

ALPHABET = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ"
NOTHING = mark_safe('<span class="soft">—</span>')  # a constant

ATTITUDES = {
    Attitude.INTERESTED: ("success", "thumb-up"),
    Attitude.EXPENSIVE: ("warning", "wallet"),
    Attitude.NOT_NOW: ("neutral", "clock-pause"),
    Attitude.REFUSED: ("danger", "ban"),
}
"""What the patient thinks of coming looks like this: a tone and an icon."""

PATIENT = """<tr class="row-link">
<td><div class="people-who">{person}<div><a class="row-target people-name" href="{href}">{name}</a>
<div class="small soft">{born}</div></div></div></td>
<td>{phone}</td><td class="people-when">{ahead}</td><td class="people-when">{last}</td>
<td class="number">{visits}</td><td><div class="people-marks">{attitude}{debt}</div></td>
</tr>
"""

MOMENT = """<li class="day-moment"><h2 class="day-time">{clock}</h2>
<ul class="day-cards">{cards}</ul></li>
"""

APPOINTMENT = """<li><button class="day-card tone-{tone} is-{code}" type="button"
 hx-get="{href}" hx-target="#dialog"><span class="day-who">{patient}</span>
<span class="day-what">{what}</span><span class="day-doctor">{icon}{doctor}, {starts}–{ends}</span>
<span class="day-marks">{marks}</span>{note}</button></li>
"""


def draw_patient(row: ListRow, *, today: date, zone: ZoneInfo) -> SafeString:
    """A row of the list of patients; days are those of `zone`, the next visit of its branch."""
    last = row.last_visit_at
    return fill_html(
        PATIENT,
        person=draw_person(row.full_name),
        href=address_of("desk:card", row.id),
        name=row.full_name,
        born=_born(row.birth_on, today),
        phone=_phone(row),
        ahead=_ahead(row),
        last=format_day(last.astimezone(zone).date()) if last else NOTHING,
        visits=format_number(row.visits),
        attitude=draw_attitude(row.status),
        debt=_debt(row),
    )


@lru_cache(maxsize=256)
def draw_letters(kept: str, current: str) -> SafeString:
    """The alphabet over the list; `kept` is the rest of the address."""
    return together(
        format_html(
            '<a href="?{}"{}>{}</a>',
            "&".join(filter(None, [kept, urlencode({"letter": letter})])),
            mark_safe(' aria-current="true"') if letter == current else "",
            letter,
        )
        for letter in ALPHABET
    )


def draw_attitude(code: str) -> SafeString | str:
    """A badge; nothing while nobody noted what the patient thinks."""
    attitude = Attitude(code)
    return draw_status(str(attitude.label), *ATTITUDES[attitude]) if attitude in ATTITUDES else ""


def draw_day(cards: Iterable[Card], *, zone: ZoneInfo) -> SafeString:
    """The day by time; `cards` come in the order of time."""
    return fill_html(
        '<ol class="day">{moments}</ol>',
        moments=together(
            fill_html(
                MOMENT,
                clock=format_clock(starts_at, zone),
                cards=together(draw_appointment(card, zone=zone) for card in beginning),
            )
            for starts_at, beginning in groupby(cards, lambda card: card.entry.starts_at)
        ),
    )


def draw_appointment(card: Card, *, zone: ZoneInfo) -> SafeString:
    """An appointment in the list of the day; pressed, it opens."""
    entry = card.entry
    marks = [(card.status, card.look.tone, card.look.icon)]
    marks += [(str(sign.mark), sign.tone, sign.icon) for sign in card.marks]
    return fill_html(
        APPOINTMENT,
        tone=card.look.tone,
        code=AppointmentStatus(entry.status).lower(),
        href=address_of("desk:appointment", entry.id),
        patient=entry.patient,
        what=" · ".join(filter(None, [entry.service, entry.room])),
        icon=draw_icon("stethoscope", "sm"),
        doctor=card.doctor,
        starts=format_clock(entry.starts_at, zone),
        ends=format_clock(entry.ends_at, zone),
        marks=together(draw_status(*mark) for mark in marks),
        note=_note(entry.note),
    )


def address_of(view_name: str, number: int) -> str:
    """The address of a page about one thing; `reverse` reads the whole map for each row."""
    before, after = _address_around(view_name)
    return f"{before}{number}{after}"


@cache
def _address_around(view_name: str) -> tuple[str, str]:
    before, _zero, after = reverse(view_name, args=[0]).rpartition("0")
    return before, after


def together(drawn: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(drawn))  # noqa: S308  # drawn by format_html


def _born(birth_on: date | None, today: date) -> str:
    if birth_on is None:
        return _("birth date unknown")
    return f"{format_day(birth_on)}, {format_age(birth_on, today)}"


def _phone(row: ListRow) -> SafeString:
    if not row.phone:
        return NOTHING
    owner = row.owner_label
    beside = fill_html('<div class="small soft">{owner}</div>', owner=owner) if owner else ""
    return fill_html(
        '<span class="phone">{phone}</span>{beside}',
        phone=format_phone(row.phone),
        beside=beside,
    )


def _ahead(row: ListRow) -> SafeString:
    if row.next_at is None:
        return NOTHING
    moment = format_moment(row.next_at, row.next_zone)
    exact = row.next_at.isoformat()
    return fill_html('<time datetime="{exact}">{moment}</time>', exact=exact, moment=moment)


def _debt(row: ListRow) -> SafeString | str:
    if not row.debt:
        return ""
    owes = _("owes %(sum)s") % {"sum": format_roubles(row.debt)}
    return draw_status(owes, "danger", "currency-ruble")


def _note(text: str) -> SafeString | str:
    return (
        format_html('<span class="day-note">{}{}</span>', draw_icon("note", "sm"), text)
        if text
        else ""
    )
