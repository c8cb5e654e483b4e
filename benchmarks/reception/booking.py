"""What `bin/bench booking` does once Django is ready: the race, the bare side, the storm."""

import os
import random
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import product

import psycopg2
from django.db import connection

from appointments.actions import BookingOrder, NotFree, book_appointment
from benchmarks.harness import ROUNDS, Report, at_least, at_most, percentile
from benchmarks.reception.clients import run_at_once
from benchmarks.reception.ground import CELLS, LASTS, Ground, Size, lay_out
from benchmarks.reception.proofs import (
    LOST_BOOKINGS,
    LOST_CHANGES,
    ON_HELD_TIME,
    REFUSED_THOUGH_FREE,
    count_found,
    count_overlaps,
)
from benchmarks.reception.storm import Client, Toll

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
FIRST_ON = date(2026, 12, 1)
CLIENTS = 32
SIZE = Size(doctors=20, rooms=18, patients=2_000, days=10)  # 200 cells of each doctor
ORDERS = 3_200
SPREAD = 800
GRID = timedelta(minutes=15)
BARE_SECONDS = 3
STORM_SECONDS = 60.0

BARE_TABLE = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
DROP TABLE IF EXISTS bench_bare;
CREATE TABLE bench_bare (
    id bigserial PRIMARY KEY, doctor int NOT NULL, during tstzrange NOT NULL,
    EXCLUDE USING gist (doctor WITH =, during WITH &&)
)
"""
# A cell of its own for nearly everybody, as on our side.
BARE_INSERT = """
\\set doctor random(1, 100000)
\\set cell random(1, 200)
INSERT INTO bench_bare (doctor, during)
VALUES (:doctor, tstzrange(
    timestamptz '2026-12-01' + :cell * interval '30 min',
    timestamptz '2026-12-01' + (:cell + 1) * interval '30 min'))
ON CONFLICT DO NOTHING;
"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a client was told about its order, and after how many seconds."""

    order: BookingOrder
    is_booked: bool
    seconds: float


def measure(report: Report, *, url: str, pgbench: str) -> None:
    ground = lay_out(SIZE, first_on=FIRST_ON, now=NOON)
    _race(report, ground)
    _compare(report, ground, url=url, pgbench=pgbench)
    _storm(report, ground)


def _race(report: Report, ground: Ground) -> None:
    """All clients want starts on the quarter hour, so that most of them are in each other's way."""
    dice = random.Random(1)
    starts = [
        day + number * GRID
        for day in ground.days
        for number in range(int((CELLS - 1) * LASTS / GRID) + 1)
    ]
    orders = [
        _order(ground, f"race-{number}", dice.choice(ground.employee_ids), dice.choice(starts),
               dice.choice(ground.patient_ids[:200]))
        for number in range(ORDERS)
    ]  # fmt: skip
    report.progress(f"{CLIENTS} clients race for {ORDERS:,} times of {SIZE.doctors} doctors")
    answers, rate = _book_all(orders)
    refused = [answer.order for answer in answers if not answer.is_booked]
    for kind, found in count_overlaps().items():
        report.figure(f"booking.race.overlaps.{kind}", found, "pairs", at_most(0))
    could_be_had = count_found(
        REFUSED_THOUGH_FREE,
        employees=[order.employee_id for order in refused],
        patients=[order.patient_id for order in refused],
        starts=[order.starts_at for order in refused],
        lasts=LASTS,
        service_id=ground.visit_id,
    )
    report.figure("booking.race.refused_though_free", could_be_had, "orders", at_most(0))
    report.figure("booking.race.booked", len(answers) - len(refused), "bookings")
    report.figure("booking.race.refused", len(refused), "orders")
    report.figure("booking.race.rate", rate, "answers/s")
    seconds = [answer.seconds for answer in answers]
    report.figure("booking.race.p50", 1000 * percentile(seconds, 0.5), "ms")
    report.figure("booking.race.p99", 1000 * percentile(seconds, 0.99), "ms", at_most(50))


def _compare(report: Report, ground: Ground, *, url: str, pgbench: str) -> None:
    """Bookings a second, each of a time of its own, against bare inserts under one constraint."""
    with closing(psycopg2.connect(url)) as bare, bare, bare.cursor() as cursor:
        cursor.execute(BARE_TABLE)
    ours, bares = [], []
    for number in range(1, ROUNDS + 1):
        report.progress(f"bookings and bare inserts, round {number} of {ROUNDS}")
        _clear()
        ours.append(_spread(ground, f"spread-{number}"))
        bares.append(_insert_bare(url, pgbench))
    _clear()
    rate, bare_rate = sorted(ours)[ROUNDS // 2], sorted(bares)[ROUNDS // 2]
    report.figure("booking.rate", rate, "bookings/s")
    report.figure("booking.bare", bare_rate, "inserts/s")
    report.figure("booking.of_bare", rate / bare_rate, "×", at_least(0.15))


def _spread(ground: Ground, mark: str) -> float:
    cells = product(ground.days, range(CELLS), ground.employee_ids[: SIZE.rooms])
    orders = [
        _order(ground, f"{mark}-{number}", doctor, day + cell * LASTS, ground.patient_ids[number])
        for number, (day, cell, doctor) in enumerate(list(cells)[:SPREAD])
    ]
    random.Random(2).shuffle(orders)
    answers, rate = _book_all(orders)
    if not all(answer.is_booked for answer in answers):
        raise RuntimeError("A free time was refused.")
    return rate


def _insert_bare(url: str, pgbench: str) -> float:
    """Return the transactions per second that pgbench tells."""
    answer = subprocess.run(
        [pgbench, "--no-vacuum", "--client", str(CLIENTS), "--jobs", "2", "--time",
         str(BARE_SECONDS), "--protocol", "prepared", "--file", "/dev/stdin", url],
        input=BARE_INSERT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    (line,) = (line for line in answer.stdout.splitlines() if line.startswith("tps ="))
    return float(line.split()[2])


def _storm(report: Report, ground: Ground) -> None:
    """All that a desk does, on two days, by all clients for a minute."""
    few = replace(ground, days=ground.days[:2], patient_ids=ground.patient_ids[:100])
    report.progress(f"mixed storm of {CLIENTS} clients for {STORM_SECONDS:.0f} s")
    jobs = [
        partial(Client(few, number, NOON).storm, steps=10**9, seconds=STORM_SECONDS, look_every=100)
        for number in range(CLIENTS)
    ]
    whole = Toll()
    for toll in run_at_once(jobs):
        whole.add(toll)
    for name, count in sorted(whole.outcomes.items()):
        report.progress(f"{count:>7,} {name}")
    for error in whole.errors[:5]:
        report.progress(error)
    report.figure("booking.storm.steps", sum(whole.outcomes.values()), "steps")
    whole.overlaps.update(count_overlaps())
    for kind, found in whole.overlaps.items():
        report.figure(f"booking.storm.overlaps.{kind}", found, "pairs", at_most(0))
    on_held = count_found(ON_HELD_TIME, now=whole.ended_at)
    report.figure("booking.storm.on_held_time", on_held, "appointments", at_most(0))
    lost = count_found(LOST_CHANGES) + count_found(LOST_BOOKINGS, keys=whole.keys)
    report.figure("booking.storm.lost", lost, "changes", at_most(0))
    report.figure("booking.storm.errors", len(whole.errors), "steps", at_most(0))


def _order(
    ground: Ground, key: str, employee_id: int, starts_at: datetime, patient_id: int
) -> BookingOrder:
    return BookingOrder(
        patient_id=patient_id,
        service_id=ground.visit_id,
        employee_id=employee_id,
        branch_id=ground.branch_id,
        starts_at=starts_at,
        key=key,
    )


def _book_all(orders: Sequence[BookingOrder]) -> tuple[list[Answer], float]:
    """Share the orders out among the clients; return the answers and how many came a second."""
    jobs: list[Callable[[], tuple[float, list[Answer], float]]] = [
        partial(_book_in_turn, orders[number::CLIENTS]) for number in range(CLIENTS)
    ]
    told = run_at_once(jobs)
    began = min(started for started, _answers, _ended in told)
    ended = max(ended for _started, _answers, ended in told)
    answers = [answer for _started, mine, _ended in told for answer in mine]
    return answers, len(answers) / (ended - began)


def _book_in_turn(orders: Sequence[BookingOrder]) -> tuple[float, list[Answer], float]:
    """The clock is monotonic and one for all processes of the machine."""
    began, answers = time.monotonic(), []
    for order in orders:
        started = time.monotonic()
        try:
            book_appointment(order=order, actor_id=None, now=NOON)
            is_booked = True
        except NotFree:
            is_booked = False
        seconds = time.monotonic() - started
        answers.append(Answer(order=order, is_booked=is_booked, seconds=seconds))
    return began, answers, time.monotonic()


def _clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE appointments_appointment, appointments_hold, outbox_event CASCADE;"
            "ANALYZE appointments_appointment"
        )
