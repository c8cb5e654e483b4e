"""Pages under 16 clients at 100,000 patients: against the "ok" page, and against 2,000 patients."""

import asyncio
import statistics
from datetime import UTC, datetime

import psycopg2

from benchmarks.harness import ROUNDS, Report, at_least, at_most, demo_database
from benchmarks.serving import OK, measure, serving

LARGE, SMALL = 100_000, 2_000
GOALS = {"home": 0.1, "patients": 0.1, "board": 0.05, "card": 0.05}
MOST_GROWTH = 1.2


def run(report: Report) -> None:
    databases = {patients: demo_database(report, patients) for patients in (LARGE, SMALL)}
    rates: dict[int, dict[str, list[float]]] = {size: {} for size in databases}
    with serving(databases[LARGE]) as large, serving(databases[SMALL]) as small:
        servers = {LARGE: large, SMALL: small}
        paths = {size: _list_paths(databases[size]) for size in databases}
        for number in range(1, ROUNDS + 1):
            for page in paths[LARGE]:
                for size, address in servers.items():
                    report.progress(f"{page} at {size:,} patients, round {number} of {ROUNDS}")
                    rate = asyncio.run(measure(address, paths[size][page]))
                    rates[size].setdefault(page, []).append(rate)
    median = {
        size: {page: statistics.median(taken) for page, taken in pages.items()}
        for size, pages in rates.items()
    }
    for page, limit in GOALS.items():
        report.figure(f"pages.{page}", median[LARGE][page], "requests/s")
        of_ok = median[LARGE][page] / median[LARGE]["ok"]
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
        "ok": OK,
        "home": "/",
        "patients": "/patients/",
        "board": f"/board/?on={today:%Y-%m-%d}",
        "card": f"/patients/{patient_id}/",
    }
