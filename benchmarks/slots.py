"""Free times of 50 doctors in 14 days: against hand-written SQL, equal to a brute-force oracle."""

import importlib
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from benchmarks.harness import (
    Report,
    at_most,
    connect,
    create_database,
    database_url,
    drop_database,
    interleave,
    manage,
)

DOCTORS, DAYS, ROOMS, PATIENTS_PER_DOCTOR = 50, 14, 40, 3
HISTORY = 6
"""Fortnights that lie behind, as full as the one that is asked about."""

BUSY = 0.55
CELL, VISIT = timedelta(minutes=30), timedelta(minutes=25)
CELLS = 16
ZONE = ZoneInfo("Europe/Moscow")
DATABASE = "bench_slots"

# What somebody would write who knows this clinic: one zone, no holds, no devices, no patient, one
# length for all. The rules are the same: hours, breaks, absences, time around the visit, rooms.
BY_HAND = """
WITH doctor AS (
    SELECT employee_id AS id FROM clinic_employee_services WHERE service_id = %(service)s
),
open AS (
    SELECT range_agg(tstzrange(
        (day + opens_at) AT TIME ZONE 'Europe/Moscow',
        (day + closes_at) AT TIME ZONE 'Europe/Moscow'
    )) AS during
    FROM clinic_branch, generate_series(%(on)s::timestamp, %(last)s, interval '1 day') AS day
    WHERE clinic_branch.id = %(branch)s
),
free AS (
    SELECT doctor.id, work.during * open.during - away.during - busy.during AS during
    FROM doctor
    CROSS JOIN open
    CROSS JOIN LATERAL (
        SELECT range_agg(tstzrange(starts_at, ends_at)) AS during FROM clinic_shift
        WHERE employee_id = doctor.id AND tstzrange(starts_at, ends_at, '[)') && %(span)s
    ) AS work
    CROSS JOIN LATERAL (
        SELECT coalesce(range_agg(tstzrange(starts_at, ends_at)), '{}') AS during
        FROM clinic_timeoff
        WHERE employee_id = doctor.id AND starts_at < upper(%(span)s) AND ends_at > lower(%(span)s)
    ) AS away
    CROSS JOIN LATERAL (
        SELECT coalesce(range_agg(occupied), '{}') AS during FROM appointments_appointment
        WHERE employee_id = doctor.id AND occupied && %(span)s
          AND status IN ('BOOKED', 'CONFIRMED', 'ARRIVED', 'IN_PROGRESS', 'DONE')
    ) AS busy
),
room AS MATERIALIZED (
    SELECT need.room_id AS id, tstzmultirange(%(span)s) - busy.during AS during
    FROM clinic_service_rooms need
    CROSS JOIN LATERAL (
        SELECT coalesce(range_agg(room_occupied), '{}') AS during FROM appointments_appointment
        WHERE room_id = need.room_id AND room_unit = 1 AND room_occupied && %(span)s
          AND status IN ('BOOKED', 'CONFIRMED', 'ARRIVED', 'IN_PROGRESS', 'DONE')
          AND room_id IS NOT NULL
    ) AS busy
    WHERE need.service_id = %(service)s
)
SELECT free.id, chosen.id, starts_at
FROM free
CROSS JOIN LATERAL unnest(free.during) AS gap
CROSS JOIN LATERAL generate_series(
    date_bin('30 min', lower(gap) + interval '29 min 59 s', '2000-01-01Z'),
    upper(gap) - interval '30 min',
    interval '30 min'
) AS starts_at
CROSS JOIN LATERAL (
    SELECT room.id FROM room
    WHERE room.during @> tstzrange(starts_at, starts_at + interval '25 min')
    ORDER BY room.id
    LIMIT 1
) AS chosen
ORDER BY starts_at, free.id
"""

Found = tuple[int, int | None, datetime]
"""Doctor, room, start."""


def run(report: Report) -> None:
    drop_database(DATABASE)
    create_database(DATABASE)
    manage(DATABASE, "migrate", "--no-input", "--verbosity", "0")
    connect(database_url(DATABASE))
    on = datetime.now(ZONE).date() + timedelta(days=1)
    asked = _fill(on)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    ours, best_fill, by_hand = _sides(on, asked)
    report.progress("the oracle walks")
    expected = _walk(on, asked)
    report.figure("slots.found", len(expected), "slots")
    report.figure("slots.wrong", len(set(ours()) ^ expected), "slots", at_most(0))
    report.figure("slots.by_hand.wrong", len(set(by_hand()) ^ expected), "slots", at_most(0))
    seconds = interleave(
        report, {"ours": ours, "best fill": best_fill, "SQL by hand": by_hand}, rounds=9
    )
    for name, taken in seconds.items():
        report.figure(f"slots.{name.replace(' ', '_')}", 1000 * taken, "ms")
    report.figure("slots.of_sql", seconds["ours"] / seconds["SQL by hand"], "×", at_most(2))
    connection.close()
    drop_database(DATABASE)


def _fill(on: date) -> dict[str, Any]:
    """A branch with doctors, rooms, breaks and absences, and a fortnight that is half full.

    Django's models can be imported only now that it knows its database.
    """
    clinic = importlib.import_module("clinic.models")
    branch = clinic.Branch.objects.create(
        name="Bench", city="Москва", address="—", opens_at=time(8), closes_at=time(21)
    )
    service = clinic.Service.objects.create(
        name="Visit",
        kind=clinic.Service.Kind.CONSULTATION,
        duration=VISIT,
        buffer_after=CELL - VISIT,
        price=1000,
    )
    rooms = clinic.Room.objects.bulk_create(
        clinic.Room(branch=branch, name=f"Room {number}") for number in range(ROOMS)
    )
    service.rooms.set(rooms)
    doctors = clinic.Employee.objects.bulk_create(
        clinic.Employee(last_name=f"Doctor {number}", first_name="A", position="doctor")
        for number in range(DOCTORS)
    )
    service.employees.set(doctors)
    days = [on + timedelta(days=day) for day in range(-DAYS * HISTORY, DAYS)]
    clinic.Shift.objects.bulk_create(
        clinic.Shift(
            employee=doctor,
            branch=branch,
            starts_at=_cell(day, 0),
            ends_at=_cell(day, CELLS),
        )
        for day in days
        for doctor in doctors
    )
    _grant_time_off(clinic, doctors, on, days)
    _book(branch, service, doctors, rooms, days)
    return {"service": service.pk, "branch": branch.pk}


def _grant_time_off(clinic: Any, doctors: list[Any], on: date, days: list[date]) -> None:
    """Half an hour at lunch for everybody each day, and three days for every tenth."""
    rests = [
        clinic.TimeOff(
            employee=doctor,
            kind=clinic.TimeOff.Kind.BREAK,
            starts_at=_cell(day, 8),
            ends_at=_cell(day, 9),
        )
        for day in days
        for doctor in doctors
    ]
    leaves = [
        clinic.TimeOff(
            employee=doctor,
            kind=clinic.TimeOff.Kind.SICK_LEAVE,
            starts_at=_cell(on + timedelta(days=3), 0),
            ends_at=_cell(on + timedelta(days=5), CELLS),
        )
        for doctor in doctors[::10]
    ]
    clinic.TimeOff.objects.bulk_create([*rests, *leaves], batch_size=5000)


def _book(
    branch: Any, service: Any, doctors: list[Any], rooms: list[Any], days: list[date]
) -> None:
    models = importlib.import_module("appointments.models")
    patients = importlib.import_module("patients.models")
    people = patients.Patient.objects.bulk_create(
        patients.Patient(
            last_name="P", first_name="P", name_key=f"p{number}", created_at=datetime.now(UTC)
        )
        for number in range(DOCTORS * PATIENTS_PER_DOCTOR)
    )
    dice = random.Random(1)
    rows = []
    for day in days:
        for cell in range(CELLS):
            free = dice.sample(rooms, len(rooms))
            for number, doctor in enumerate(doctors):
                if dice.random() >= BUSY or not free:
                    continue
                rows.append(
                    models.Appointment(
                        patient=people[number * PATIENTS_PER_DOCTOR + cell % PATIENTS_PER_DOCTOR],
                        employee=doctor,
                        branch=branch,
                        room=free.pop(),
                        service=service,
                        starts_at=_cell(day, cell),
                        ends_at=_cell(day, cell) + VISIT,
                        buffer_after=CELL - VISIT,
                        price=1000,
                        key=f"{day}-{cell}-{number}",
                        created_at=datetime.now(UTC),
                    )
                )
    models.Appointment.objects.bulk_create(rows, batch_size=2000)


def _sides(on: date, asked: dict[str, Any]) -> tuple[Callable[[], list[Found]], ...]:
    queries = importlib.import_module("appointments.queries")
    begins, ends = _midnight(on), _midnight(on + timedelta(days=DAYS))
    now = begins - timedelta(hours=6)
    query = queries.SlotQuery(
        service_id=asked["service"],
        branch_id=asked["branch"],
        from_at=begins,
        until_at=ends,
        limit=1_000_000,
    )
    filling = queries.SlotQuery(
        service_id=asked["service"],
        branch_id=asked["branch"],
        from_at=begins,
        until_at=ends,
        order=queries.SlotOrder.BEST_FILL,
        limit=1_000_000,
    )
    ranges = importlib.import_module("psycopg2.extras")
    told = asked | {
        "on": on,
        "last": on + timedelta(days=DAYS - 1),
        "span": ranges.DateTimeTZRange(begins, ends),
    }

    def list_ours(query: Any = query) -> list[Found]:
        slots = queries.list_free_slots(query=query, now=now)
        return [(slot.employee_id, slot.room_id, slot.starts_at) for slot in slots]

    def list_by_hand() -> list[Found]:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND, told)
            return [(doctor, room, start) for doctor, room, start in cursor.fetchall()]

    return list_ours, lambda: list_ours(filling), list_by_hand


def _walk(on: date, asked: dict[str, Any]) -> set[Found]:
    """What somebody finds who looks at every doctor, room and cell of half an hour."""
    clinic = importlib.import_module("clinic.models")
    models = importlib.import_module("appointments.models")
    begins = _midnight(on)
    taken: set[tuple[str, int, datetime]] = set()
    for row in models.Appointment.objects.filter(starts_at__gte=begins):
        taken |= {("doctor", row.employee_id, row.starts_at), ("room", row.room_id, row.starts_at)}
    for rest in clinic.TimeOff.objects.filter(starts_at__gte=begins):
        cell = rest.starts_at
        while cell < rest.ends_at:
            taken.add(("doctor", rest.employee_id, cell))
            cell += CELL
    rooms = sorted(clinic.Room.objects.values_list("pk", flat=True))
    doctors = list(clinic.Employee.objects.values_list("pk", flat=True))
    found: set[Found] = set()
    for day in range(DAYS):
        for number in range(CELLS):
            cell = _cell(on + timedelta(days=day), number).astimezone(UTC)
            room = next((room for room in rooms if ("room", room, cell) not in taken), None)
            if room is not None:
                free = (doctor for doctor in doctors if ("doctor", doctor, cell) not in taken)
                found |= {(doctor, room, cell) for doctor in free}
    return found


def _cell(day: date, number: int) -> datetime:
    return datetime.combine(day, time(9), tzinfo=ZONE) + number * CELL


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE)
