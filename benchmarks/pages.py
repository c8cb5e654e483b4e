"""Pages under 16 clients at 100,000 patients: against the "ok" page, and against 2,000 patients."""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import aiohttp
import psycopg2

from benchmarks.harness import ROUNDS, Report, at_least, at_most, demo_database
from clinic_crm import embedded
from clinic_crm.embedded import ROOT

LARGE, SMALL = 100_000, 2_000
CLIENTS = 16
SECONDS = 3.0
OK = "ok"
GOALS = {"home": 0.1, "patients": 0.1, "board": 0.05, "card": 0.05}
MOST_GROWTH = 1.2


def run(report: Report) -> None:
    databases = {patients: demo_database(report, patients) for patients in (LARGE, SMALL)}
    rates: dict[int, dict[str, list[float]]] = {size: {} for size in databases}
    with _serving(databases[LARGE]) as large, _serving(databases[SMALL]) as small:
        servers = {LARGE: large, SMALL: small}
        paths = {size: _list_paths(databases[size]) for size in databases}
        for number in range(1, ROUNDS + 1):
            for page in paths[LARGE]:
                for size, address in servers.items():
                    report.progress(f"{page} at {size:,} patients, round {number} of {ROUNDS}")
                    rate = asyncio.run(_measure(address, paths[size][page]))
                    rates[size].setdefault(page, []).append(rate)
    median = {
        size: {page: statistics.median(taken) for page, taken in pages.items()}
        for size, pages in rates.items()
    }
    for page, limit in GOALS.items():
        report.figure(f"pages.{page}", median[LARGE][page], "requests/s")
        of_ok = median[LARGE][page] / median[LARGE][OK]
        report.figure(f"pages.{page}.of_ok", of_ok, "×", at_least(limit))
        growth = median[SMALL][page] / median[LARGE][page]
        report.figure(f"pages.{page}.growth", growth, "×", at_most(MOST_GROWTH))


def _list_paths(database: str) -> dict[str, str]:
    """The pages that reception lives in; the card is that of a patient with a long history."""
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT patient_id FROM appointments_patienttotals WHERE visits = 20 "
            "ORDER BY patient_id LIMIT 1"
        )
        (patient_id,) = cursor.fetchone() or (1,)
    connection.close()
    today = datetime.now(UTC).date()
    return {
        OK: "/healthz",
        "home": "/",
        "patients": "/patients/",
        "board": f"/board/?on={today:%Y-%m-%d}",
        "card": f"/patients/{patient_id}/",
    }


@contextmanager
def _serving(database: str) -> Iterator[str]:
    """A web server as in production, on a free port, over the given database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "clinic_crm/gunicorn.py",
         "clinic_crm.wsgi:application"],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": database, "REDIS_URL": embedded.servers().redis_url, "BIND": address},
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(address)
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(address: str) -> None:
    host, _colon, port = address.partition(":")
    for _attempt in range(300):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(address)


async def _measure(address: str, path: str) -> float:
    """Requests per second of all clients together, each signed in once and asking in turn."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        await _sign_in(session, address)
        await _get(session, address + path)
        started = time.perf_counter()
        counts = await asyncio.gather(
            *(_ask(session, address + path, until=started + SECONDS) for _ in range(CLIENTS))
        )
        return sum(counts) / (time.perf_counter() - started)


async def _sign_in(session: aiohttp.ClientSession, address: str) -> None:
    page = f"{address}/sign-in/"
    await _get(session, page)
    token = next(cookie.value for cookie in session.cookie_jar if cookie.key == "csrftoken")
    form = {"username": "olga", "password": "demo", "csrfmiddlewaretoken": token}
    async with session.post(page, data=form, headers={"Referer": page}) as answer:
        answer.raise_for_status()
        if answer.url.path.startswith("/sign-in"):
            raise RuntimeError("Nobody could sign in.")


async def _ask(session: aiohttp.ClientSession, url: str, *, until: float) -> int:
    count = 0
    while time.perf_counter() < until:
        await _get(session, url)
        count += 1
    return count


async def _get(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(url) as answer:
        answer.raise_for_status()
        await answer.read()
