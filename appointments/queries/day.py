"""One day of one branch, as the board shows it: who sees patients when, and who comes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from appointments.models import UPCOMING, Hold
from clinic.days import day_bounds
from clinic.models import Branch
from clinic.names import shorten
from clinic.queries import name_of
from clinic.rows import read_rows

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Column:
    """An employee who sees patients that day; `shifts` are those at this branch."""

    employee_id: int
    name: str
    position: str
    shifts: tuple[Interval, ...]


@dataclass(frozen=True, kw_only=True)
class Absence:
    """A break or a longer time off that day; `kind` is a `TimeOffKind` code."""

    employee_id: int
    kind: str
    note: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An appointment of the day. `debt` is roubles still owed for its finished visit.

    The buffers are the employee's time before and after it. `room` names the device too.
    """

    id: int
    version: int
    employee_id: int
    patient_id: int
    patient: str
    service: str
    room: str
    starts_at: datetime
    ends_at: datetime
    status: str
    wants_move: bool
    note: str
    price: Decimal
    buffer_before: timedelta
    buffer_after: timedelta
    debt: Decimal
    visit_id: int | None

    def is_late(self, now: datetime) -> bool:
        """The time has come, the patient has not."""
        return self.status in UPCOMING and self.starts_at <= now


@dataclass(frozen=True, kw_only=True)
class Held:
    """A time that somebody is about to book; `who` is empty for another system."""

    employee_id: int
    who: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Day:
    branch: Branch
    on: date
    columns: Sequence[Column]
    absences: Sequence[Absence]
    entries: Sequence[Entry]
    holds: Sequence[Held] = ()


ENTRIES = """
SELECT
    appointment.id, version, employee_id, patient_id, starts_at, ends_at, appointment.status,
    wants_move, appointment.note, appointment.price,
    appointment.buffer_before, appointment.buffer_after,
    concat_ws(
        ' ', nullif(patient.last_name, ''), nullif(patient.first_name, ''),
        nullif(patient.middle_name, '')
    ) AS patient,
    service.name AS service,
    concat_ws(', ', room.name, device.name) AS room,
    visit.id AS visit_id,
    coalesce(visit.total - visit.paid, 0) AS debt
FROM appointments_appointment appointment
JOIN patients_patient patient ON patient.id = patient_id
JOIN clinic_service service ON service.id = service_id
LEFT JOIN clinic_room room ON room.id = room_id
LEFT JOIN clinic_device device ON device.id = device_id
LEFT JOIN appointments_visit visit ON visit.appointment_id = appointment.id
WHERE appointment.branch_id = %(branch_id)s
  AND starts_at >= %(starts)s AND starts_at < %(ends)s
  AND appointment.status <> 'CANCELLED'
ORDER BY starts_at, appointment.id
"""

SHIFTS = """
SELECT employee_id, starts_at, ends_at
FROM clinic_shift
WHERE branch_id = %(branch_id)s AND starts_at < %(ends)s AND ends_at > %(starts)s
ORDER BY starts_at
"""

EMPLOYEES = """
SELECT id, last_name, first_name, middle_name, position
FROM clinic_employee employee
WHERE id = ANY (%(ids)s)
   OR %(everybody)s AND is_active
      AND EXISTS (
          SELECT FROM clinic_employee_branches
          WHERE employee_id = employee.id AND branch_id = %(branch_id)s
      )
      AND EXISTS (SELECT FROM clinic_employee_services WHERE employee_id = employee.id)
ORDER BY last_name, first_name, id
"""

ABSENCES = """
SELECT
    employee_id, kind, note,
    greatest(starts_at, %(starts)s) AS starts_at, least(ends_at, %(ends)s) AS ends_at
FROM clinic_timeoff
WHERE employee_id = ANY (%(ids)s) AND starts_at < %(ends)s AND ends_at > %(starts)s
ORDER BY starts_at
"""

HOLDS = """
SELECT id, employee_id, held_by_id, starts_at, ends_at, expires_at
FROM appointments_hold
WHERE branch_id = %(branch_id)s
  AND starts_at >= %(starts)s AND starts_at < %(ends)s AND expires_at > %(now)s
ORDER BY starts_at
"""

# `xmin` is the transaction that wrote a row: whatever changes of it, the stamp changes too.
STAMP = """
SELECT md5(concat_ws(
    '/',
    (
        SELECT string_agg(
            concat_ws(
                ' ', appointment.id, appointment.xmin, patient.xmin, visit.xmin,
                CASE WHEN appointment.status = ANY (%(upcoming)s) THEN starts_at <= %(now)s END
            ),
            ',' ORDER BY appointment.id
        )
        FROM appointments_appointment appointment
        JOIN patients_patient patient ON patient.id = patient_id
        LEFT JOIN appointments_visit visit ON visit.appointment_id = appointment.id
        WHERE appointment.branch_id = %(branch_id)s
          AND starts_at >= %(starts)s AND starts_at < %(ends)s
    ),
    (
        SELECT string_agg(concat_ws(' ', id, xmin), ',' ORDER BY id)
        FROM clinic_shift
        WHERE branch_id = %(branch_id)s AND starts_at < %(ends)s AND ends_at > %(starts)s
    ),
    (
        SELECT string_agg(concat_ws(' ', id, xmin), ',' ORDER BY id)
        FROM clinic_timeoff WHERE starts_at < %(ends)s AND ends_at > %(starts)s
    ),
    (
        SELECT string_agg(concat_ws(' ', hold.id, hold.xmin, holder.xmin), ',' ORDER BY hold.id)
        FROM appointments_hold hold
        LEFT JOIN clinic_user holder ON holder.id = held_by_id
        WHERE branch_id = %(branch_id)s
          AND starts_at >= %(starts)s AND starts_at < %(ends)s AND expires_at > %(now)s
    ),
    (SELECT string_agg(concat_ws(' ', id, xmin), ',' ORDER BY id) FROM clinic_employee),
    (SELECT string_agg(concat_ws(' ', id, xmin), ',' ORDER BY id) FROM clinic_employee_branches),
    (SELECT string_agg(concat_ws(' ', id, xmin), ',' ORDER BY id) FROM clinic_employee_services),
    (SELECT string_agg(concat_ws(' ', id, xmin), ',' ORDER BY id) FROM clinic_service),
    (SELECT string_agg(concat_ws(' ', id, xmin), ',' ORDER BY id) FROM clinic_room),
    (SELECT string_agg(concat_ws(' ', id, xmin), ',' ORDER BY id) FROM clinic_device),
    (SELECT xmin FROM clinic_branch WHERE id = %(branch_id)s)
)) AS stamp
"""


def get_day_stamp(*, branch: Branch, on: date, now: datetime) -> str:
    """Return what changes whenever `list_day` would return something else, in one statement.

    It may change without need, never stay the same without right: what it is made of are the
    writing transactions of all rows that `list_day` reads, and what of them depends on `now`.
    """
    starts, ends = day_bounds(branch, on)
    within = {"branch_id": branch.pk, "starts": starts, "ends": ends, "now": now}
    (row,) = read_rows(STAMP, within | {"upcoming": list(UPCOMING)})
    return str(row["stamp"])


def list_day(
    *, branch: Branch, on: date, everybody: bool = False, now: datetime | None = None
) -> Day:
    """Return the day of the branch in five queries; cancelled appointments are left out.

    With `now` also the times that are held at that moment.

    The columns are those who have a shift or an appointment there that day; with `everybody` all
    who take appointments at the branch. Columns are in the order of names, entries of time.
    """
    starts, ends = day_bounds(branch, on)
    within = {"branch_id": branch.pk, "starts": starts, "ends": ends}
    entries = [Entry(**row) for row in read_rows(ENTRIES, within)]
    shifts: dict[int, list[Interval]] = {entry.employee_id: [] for entry in entries}
    for row in read_rows(SHIFTS, within):
        shifts.setdefault(row["employee_id"], []).append((row["starts_at"], row["ends_at"]))
    columns = [
        Column(
            employee_id=row["id"],
            name=shorten(row["last_name"], row["first_name"], row["middle_name"]),
            position=row["position"],
            shifts=tuple(shifts.get(row["id"], ())),
        )
        for row in read_rows(EMPLOYEES, within | {"ids": list(shifts), "everybody": everybody})
    ]
    ids = [column.employee_id for column in columns]
    return Day(
        branch=branch,
        on=on,
        columns=columns,
        absences=[Absence(**row) for row in read_rows(ABSENCES, within | {"ids": ids})],
        entries=entries,
        holds=_list_holds(within | {"now": now}) if now else [],
    )


def list_gaps(*, within: Interval, periods: Iterable[Interval]) -> list[Interval]:
    """Return what of `within` none of the periods (sorted, apart) covers."""
    gaps, reached = [], within[0]
    for starts, ends in periods:
        if starts > reached:
            gaps.append((reached, min(starts, within[1])))
        reached = max(reached, ends)
    if reached < within[1]:
        gaps.append((reached, within[1]))
    return gaps


def _list_holds(parameters: Mapping[str, Any]) -> list[Held]:
    holds = Hold.objects.raw(HOLDS, parameters).prefetch_related("held_by__employee")
    return [
        Held(
            employee_id=row.employee_id,
            who=name_of(row.held_by) if row.held_by else "",
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            expires_at=row.expires_at,
        )
        for row in holds
    ]
