"""The board of 25 doctors with 60 visits each: against the "ok" page, and how soon others see."""

import asyncio
import random
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
import psycopg2

from benchmarks.harness import (
    ROUNDS,
    Report,
    at_least,
    at_most,
    create_database,
    database_url,
    demo_database,
    drop_database,
)
from benchmarks.serving import OK, browsing, measure, read_token, serving, sign_in
from clinic_crm.embedded import ROOT

DATABASE = "board"
PATIENTS = 2_000
DOCTORS, VISITS = 25, 60
CHANGES = 20
WATCHERS = 8
LONGEST = 10.0  # seconds until a change counts as never seen
SCRIPT = ROOT / "static" / "desk" / "board.js"
EVERY = re.compile(r"^const REFRESH = (\d+);", re.MULTILINE)

LAY_OUT = """
WITH branch AS (
    INSERT INTO clinic_branch
    SELECT (jsonb_populate_record(branch, jsonb_build_object(
        'id', nextval(pg_get_serial_sequence('clinic_branch', 'id')), 'name', 'Board',
        'time_zone', 'UTC', 'opens_at', '06:00', 'closes_at', '22:00'
    ))).*
    FROM clinic_branch branch
    WHERE id = (SELECT min(id) FROM clinic_branch)
    RETURNING id
), doctor AS (
    INSERT INTO clinic_employee
    SELECT (jsonb_populate_record(employee, jsonb_build_object(
        'id', nextval(pg_get_serial_sequence('clinic_employee', 'id')), 'user_id', NULL,
        'last_name', 'Board ' || number, 'is_active', true
    ))).*
    FROM clinic_employee employee
    CROSS JOIN generate_series(1, %(doctors)s) number
    WHERE id = (SELECT min(id) FROM clinic_employee)
    RETURNING id
), shift AS (
    INSERT INTO clinic_shift (employee_id, branch_id, starts_at, ends_at)
    SELECT doctor.id, branch.id, %(starts)s, %(starts)s + interval '15 hours'
    FROM doctor CROSS JOIN branch
), visit AS (
    INSERT INTO appointments_appointment (
        employee_id, branch_id, service_id, patient_id, starts_at, ends_at, status, price, note,
        cancel_reason, wants_move, version, key, created_at
    )
    SELECT doctor.id, branch.id, service.id, patient.id,
        %(starts)s + visit * interval '15 min', %(starts)s + (visit + 1) * interval '15 min',
        'BOOKED', 1000, '', '', false, 1, format('board-%%s-%%s', doctor.id, visit), %(starts)s
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM doctor) doctor
    CROSS JOIN branch
    CROSS JOIN generate_series(0, %(visits)s - 1) visit
    CROSS JOIN (SELECT id FROM clinic_service ORDER BY id LIMIT 1) service
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM patients_patient) patient
        ON patient.number = doctor.number * %(visits)s + visit
    RETURNING id
)
UPDATE clinic_user SET last_branch_id = branch.id FROM branch WHERE role = 'ADMINISTRATOR'
"""
LIST_VISITS = "SELECT id FROM appointments_appointment WHERE starts_with(key, 'board-') ORDER BY id"


def run(report: Report) -> None:
    on = datetime.now(UTC).date() + timedelta(days=1)
    with _clinic(report, on) as visits, serving(database_url(DATABASE)) as address:
        board, feed = f"/board/?on={on}", f"/board/feed/?on={on}"
        version = asyncio.run(_read_version(address, feed))
        sides = {"ok": (OK, ""), "page": (board, ""), "feed": (feed, ""), "same": (feed, version)}
        rates: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(1, ROUNDS + 1):
            for name, (path, has) in sides.items():
                report.progress(f"{name}, round {number} of {ROUNDS}")
                rates[name].append(asyncio.run(measure(address, path, has)))
        median = {name: statistics.median(taken) for name, taken in rates.items()}
        report.figure("board.ok", median["ok"], "requests/s")
        for name in ("page", "feed", "same"):
            report.figure(f"board.{name}", median[name], "requests/s")
            goal = at_least(0.05) if name == "page" else None
            report.figure(f"board.{name}.of_ok", median[name] / median["ok"], "×", goal)
        report.progress(f"{CHANGES} changes in sight of {WATCHERS} administrators")
        seconds = asyncio.run(_watch(address, feed, visits))
    report.figure("board.seen.median", statistics.median(seconds), "s")
    report.figure("board.seen.latest", max(seconds), "s", at_most(2))


@contextmanager
def _clinic(report: Report, on: date) -> Iterator[list[int]]:
    """The visits of a full day at a branch of its own, in a copy of the demo clinic."""
    template = urlsplit(demo_database(report, PATIENTS)).path.removeprefix("/")
    drop_database(DATABASE)
    create_database(DATABASE, template)
    starts = datetime(on.year, on.month, on.day, 6, tzinfo=UTC)
    with closing(psycopg2.connect(database_url(DATABASE))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(LAY_OUT, {"doctors": DOCTORS, "visits": VISITS, "starts": starts})
        cursor.execute(LIST_VISITS)
        visits = [visit_id for (visit_id,) in cursor.fetchall()]
        cursor.execute("ANALYZE")
    if len(visits) != DOCTORS * VISITS:
        raise RuntimeError(f"{len(visits)} visits on the board.")
    try:
        yield visits
    finally:
        drop_database(DATABASE)


async def _read_version(address: str, feed: str) -> str:
    async with browsing() as session:
        await sign_in(session, address)
        async with session.get(address + feed) as answer:
            return answer.headers["ETag"]


async def _watch(address: str, feed: str, visits: list[int]) -> list[float]:
    """Seconds from the answer to a change until the last of the watching pages has it.

    They ask as `board.js` does: so often, with the version that they have, one after another.
    """
    (every,) = (int(found) / 1000 for found in EVERY.findall(SCRIPT.read_text(encoding="utf-8")))
    seen = [asyncio.Queue[tuple[float, dict[int, str]]]() for _watcher in range(WATCHERS)]
    async with browsing() as reader, browsing() as writer:
        await sign_in(reader, address)
        await sign_in(writer, address)
        pages = [
            asyncio.create_task(_keep_fresh(reader, address + feed, every, number, queue))
            for number, queue in enumerate(seen)
        ]
        for queue in seen:
            await queue.get()
        dice = random.Random(1)
        seconds = []
        for visit_id in visits[:CHANGES]:
            await asyncio.sleep(dice.random() * every)
            await _confirm(writer, address, visit_id)
            changed = time.monotonic()
            waits = [_wait_for(queue, visit_id) for queue in seen]
            shown = await asyncio.wait_for(asyncio.gather(*waits), LONGEST)
            seconds.append(max(shown) - changed)
        for page in pages:
            page.cancel()
        await asyncio.gather(*pages, return_exceptions=True)
    return seconds


async def _keep_fresh(
    session: aiohttp.ClientSession,
    url: str,
    every: float,
    number: int,
    shown: asyncio.Queue[tuple[float, dict[int, str]]],
) -> None:
    """A page on a screen: opened at a moment of its own, it tells when it shows what."""
    await asyncio.sleep(every * number / WATCHERS)
    version, due = "", time.monotonic()
    while True:
        async with session.get(url, headers={"If-None-Match": version}) as answer:
            answer.raise_for_status()
            if answer.status == 200:
                version, day = answer.headers["ETag"], await answer.json()
                states = {card["id"]: card["status"] for card in day["cards"]}
                await shown.put((time.monotonic(), states))
        due += every
        while due < time.monotonic():  # the page skips a look while one is under way
            due += every
        await asyncio.sleep(due - time.monotonic())


async def _wait_for(shown: asyncio.Queue[tuple[float, dict[int, str]]], visit_id: int) -> float:
    while True:
        moment, states = await shown.get()
        if states[visit_id] == "CONFIRMED":
            return moment


async def _confirm(session: aiohttp.ClientSession, address: str, visit_id: int) -> None:
    url = f"{address}/appointments/{visit_id}/confirm/"
    headers = {"X-CSRFToken": read_token(session), "Referer": address, "HX-Request": "true"}
    async with session.post(url, headers=headers) as answer:
        answer.raise_for_status()
