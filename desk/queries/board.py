"""The board: one day of a branch, ready to be drawn as columns, as a list and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from appointments.looks import LOOKS, Look
from appointments.models import LIVE, UPCOMING, AppointmentStatus
from appointments.queries import (
    Absence,
    Column,
    Day,
    Entry,
    Held,
    count_unconfirmed_tomorrow,
    get_day_stamp,
    list_day,
    list_gaps,
)
from clinic.days import day_bounds, today_at
from clinic.formats import format_clock
from clinic.models import Branch, TimeOffKind


@dataclass(frozen=True, kw_only=True, eq=False)
class Sign:
    """Something about an appointment that waits for reception; the board counts and filters it."""

    code: str
    label: str | Promise
    mark: str | Promise
    icon: str
    tone: str


UNCONFIRMED = Sign(
    code="unconfirmed",
    label=pgettext_lazy("count of appointments", "not confirmed"),
    mark=pgettext_lazy("appointment", "not confirmed"),
    icon="circle-dashed",
    tone="warning",
)
WANTS_MOVE = Sign(
    code="wants_move",
    label=pgettext_lazy("count of patients", "want to move"),
    mark=pgettext_lazy("patient", "asks to move"),
    icon="arrows-move",
    tone="violet",
)
LATE = Sign(
    code="late",
    label=pgettext_lazy("count of patients", "late"),
    mark=pgettext_lazy("patient", "late"),
    icon="clock-exclamation",
    tone="danger",
)
WAITING = Sign(
    code="waiting",
    label=pgettext_lazy("count of patients", "waiting"),
    mark=pgettext_lazy("patient", "waiting"),
    icon="armchair",
    tone="violet",
)
UNPAID = Sign(
    code="unpaid",
    label=pgettext_lazy("count of visits", "not paid"),
    mark=pgettext_lazy("visit", "not paid"),
    icon="coin",
    tone="danger",
)

TOMORROW = Sign(
    code="tomorrow",
    label=pgettext_lazy("count of appointments", "not confirmed for tomorrow"),
    mark="",
    icon="phone-outgoing",
    tone="danger",
)
"""Counted on the evening before, on today's board; it leads to tomorrow's."""

SIGNS = (UNCONFIRMED, WANTS_MOVE, LATE, WAITING, UNPAID)


@dataclass(frozen=True, kw_only=True)
class Card:
    """An appointment as it is drawn."""

    entry: Entry
    doctor: str
    look: Look
    status: str
    signs: tuple[Sign, ...]

    @property
    def marks(self) -> tuple[Sign, ...]:
        """What is said beside the state; the state itself says the rest."""
        return tuple(sign for sign in self.signs if sign not in (UNCONFIRMED, WAITING))

    @property
    def codes(self) -> list[str]:
        return [sign.code for sign in self.signs]


@dataclass(frozen=True, kw_only=True)
class Counter:
    sign: Sign
    count: int


@dataclass(frozen=True, kw_only=True)
class Board:
    """`first` and `last` are the hours between which the day is drawn, on the branch's clock.

    `tomorrow` is how many of the next day's visits wait for a yes, 0 before it is time to call.
    """

    branch: Branch
    on: date
    now: datetime
    first: datetime
    last: datetime
    columns: Sequence[Column]
    absences: Sequence[Absence]
    cards: Sequence[Card]
    holds: Sequence[Held]
    counters: Sequence[Counter]
    tomorrow: Counter

    def as_json(self) -> dict[str, Any]:
        """Return the board for its script. Times are those of the branch's clock, without zone."""
        return {
            "on": self.on.isoformat(),
            "offset": self.now.astimezone(self.branch.zone).isoformat()[-len("+03:00") :],
            "first": self._clock(self.first),
            "last": self._clock(self.last),
            "columns": [self._column(column) for column in self.columns],
            "closed": [
                *self._off_shift(),
                *map(self._absence, self.absences),
                *self._buffers(),
                *map(self._hold, self.holds),
            ],
            "cards": [self._card(card) for card in self.cards],
            "counts": {
                counter.sign.code: counter.count for counter in (*self.counters, self.tomorrow)
            },
        }

    def _wall(self, moment: datetime) -> str:
        return moment.astimezone(self.branch.zone).isoformat()[: len("2026-11-22T10:00:00")]

    def _clock(self, moment: datetime) -> str:
        """Midnight that ends the day is 24:00."""
        local = moment.astimezone(self.branch.zone)
        return "24:00" if local.date() > self.on else f"{local:%H:%M}"

    def _column(self, column: Column) -> dict[str, str]:
        zone = self.branch.zone
        hours = [
            f"{format_clock(starts, zone)}–{format_clock(ends, zone)}"
            for starts, ends in column.shifts
        ]
        return {
            "id": str(column.employee_id),
            "name": column.name,
            "position": column.position,
            "hours": ", ".join(hours) or str(_("no shift")),
        }

    def _off_shift(self) -> list[dict[str, str]]:
        return [
            {
                "column": str(column.employee_id),
                "start": self._wall(starts),
                "end": self._wall(ends),
                "kind": "OFF",
                "text": "",
            }
            for column in self.columns
            for starts, ends in list_gaps(within=(self.first, self.last), periods=column.shifts)
        ]

    def _buffers(self) -> list[dict[str, str]]:
        """The time around the visits in which their employees are not free."""
        return [
            {
                "column": str(entry.employee_id),
                "start": self._wall(starts),
                "end": self._wall(ends),
                "kind": "BUFFER",
                "text": "",
            }
            for entry in (card.entry for card in self.cards)
            for starts, ends in (
                (entry.starts_at - entry.buffer_before, entry.starts_at),
                (entry.ends_at, entry.ends_at + entry.buffer_after),
            )
            if starts < ends and entry.status in LIVE
        ]

    def _hold(self, held: Held) -> dict[str, str]:
        until = format_clock(held.expires_at, self.branch.zone)
        said = _("%(who)s is booking, held until %(until)s")
        if not held.who:
            said = _("Held until %(until)s")
        return {
            "column": str(held.employee_id),
            "start": self._wall(held.starts_at),
            "end": self._wall(held.ends_at),
            "kind": "HOLD",
            "text": str(said) % {"who": held.who, "until": until},
        }

    def _absence(self, absence: Absence) -> dict[str, str]:
        return {
            "column": str(absence.employee_id),
            "start": self._wall(absence.starts_at),
            "end": self._wall(absence.ends_at),
            "kind": absence.kind,
            "text": absence.note or str(TimeOffKind(absence.kind).label),
        }

    def _card(self, card: Card) -> dict[str, Any]:
        entry = card.entry
        return {
            "id": entry.id,
            "version": entry.version,
            "column": str(entry.employee_id),
            "start": self._wall(entry.starts_at),
            "end": self._wall(entry.ends_at),
            "patient": entry.patient,
            "service": entry.service,
            "room": entry.room,
            "note": entry.note,
            "status": entry.status,
            "text": card.status,
            "icon": card.look.icon,
            "tone": card.look.tone,
            "marks": [
                {"icon": sign.icon, "tone": sign.tone, "text": str(sign.mark)}
                for sign in card.marks
            ],
            "signs": card.codes,
            "movable": entry.status in UPCOMING,
        }


def get_board(*, branch: Branch, on: date, everybody: bool, now: datetime) -> Board:
    """Return the day of the branch in five queries, today's in six, in the evening seven."""
    day = list_day(branch=branch, on=on, everybody=everybody, now=now)
    names = {column.employee_id: column.name for column in day.columns}
    cards = [_draw(entry, names[entry.employee_id], now=now) for entry in day.entries]
    first, last = _hours(day)
    return Board(
        branch=branch,
        on=on,
        now=now,
        first=first,
        last=last,
        columns=day.columns,
        absences=day.absences,
        cards=cards,
        holds=day.holds,
        counters=[
            Counter(sign=sign, count=sum(sign in card.signs for card in cards)) for sign in SIGNS
        ],
        tomorrow=Counter(sign=TOMORROW, count=_count_tomorrow(branch, on, now=now)),
    )


def get_board_stamp(*, branch: Branch, on: date, everybody: bool, now: datetime) -> str:
    """Return what changes whenever the board does, also with the language that it is said in.

    One statement, and in the evening those that count who is not confirmed for tomorrow.
    """
    parts = [
        get_day_stamp(branch=branch, on=on, now=now),
        branch.pk,
        on,
        everybody,
        now.astimezone(branch.zone).utcoffset(),
        _count_tomorrow(branch, on, now=now),
        get_language(),
    ]
    return "-".join(map(str, parts))


def _count_tomorrow(branch: Branch, on: date, *, now: datetime) -> int:
    if on != today_at(branch, now=now):
        return 0
    return count_unconfirmed_tomorrow(branch=branch, now=now) or 0


def _draw(entry: Entry, doctor: str, *, now: datetime) -> Card:
    is_late = entry.is_late(now)
    signs = {
        UNCONFIRMED: entry.status == AppointmentStatus.BOOKED and not is_late,
        WANTS_MOVE: entry.wants_move,
        LATE: is_late,
        WAITING: entry.status == AppointmentStatus.ARRIVED,
        UNPAID: entry.debt > 0,
    }
    return Card(
        entry=entry,
        doctor=doctor,
        look=LOOKS[entry.status],
        status=str(AppointmentStatus(entry.status).label),
        signs=tuple(sign for sign, is_so in signs.items() if is_so),
    )


def _hours(day: Day) -> tuple[datetime, datetime]:
    """Return the opening hours, widened to whole hours around what lies outside of them."""
    zone = day.branch.zone
    opens = datetime.combine(day.on, day.branch.opens_at, tzinfo=zone)
    closes = datetime.combine(day.on, day.branch.closes_at, tzinfo=zone)
    first = min([opens, *(entry.starts_at for entry in day.entries)]).astimezone(zone)
    last = max([closes, *(entry.ends_at for entry in day.entries)]).astimezone(zone)
    first = first.replace(minute=0, second=0, microsecond=0)
    if last != last.replace(minute=0, second=0, microsecond=0):
        last = last.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return first, min(last, day_bounds(day.branch, day.on)[1])
