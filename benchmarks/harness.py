"""What every benchmark needs: figures with goals, both sides interleaved, a database of its own.

A benchmark is a module `benchmarks/<name>.py` whose docstring begins with what it measures and
which has `run(report: Report) -> None`. Goals are ratios of two sides measured in the same run, so
they hold on a slow machine as on a fast one.
"""

import gc
import hashlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg2
from django.db import connection
from psycopg2 import sql

from clinic_crm import embedded, env
from clinic_crm.embedded import ROOT
from clinic_crm.fingerprint import fingerprint_of_migrations

ROUNDS = 3
SEED = 1


@dataclass(frozen=True)
class Goal:
    """`sign` is ≥ or ≤."""

    sign: str
    limit: float

    def is_met_by(self, value: float) -> bool:
        return value >= self.limit if self.sign == "≥" else value <= self.limit


def at_least(limit: float) -> Goal:
    return Goal("≥", limit)


def at_most(limit: float) -> Goal:
    return Goal("≤", limit)


@dataclass
class Report:
    """Figures on standard output, progress on standard error."""

    missed: list[str] = field(default_factory=list)

    def figure(self, name: str, value: float, unit: str, goal: Goal | None = None) -> None:
        """One line: `name value unit, goal …`; without a goal it is there to explain another."""
        line = f"{name} {_readable(value)} {unit}"
        if goal is not None:
            line += f", goal {goal.sign} {_readable(goal.limit)}"
            if not goal.is_met_by(value):
                line += " — MISSED"
                self.missed.append(name)
        print(line, flush=True)

    def progress(self, text: str) -> None:
        print(f"… {text}", file=sys.stderr, flush=True)


def interleave(
    report: Report, sides: Mapping[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Median seconds of each side, run in turn so that a busy moment of the machine meets all."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(1, rounds + 1):
        for name, side in sides.items():
            report.progress(f"{name}, round {number} of {rounds}")
            gc.collect()
            started = time.perf_counter()
            side()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def percentile(values: list[float], share: float) -> float:
    """Nearest rank: `percentile(seconds, 0.95)` is met by 95 % of the values."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)]


def demo_database(report: Report, patients: int) -> str:
    """The address of a database with a demo clinic of this size, loaded today by today's code.

    It is kept for the next run; one of the same size made by older code is dropped.
    """
    prefix = f"demo_{patients}_"
    name = prefix + _fingerprint_of_demo()
    existing = [database for database in list_databases() if database.startswith(prefix)]
    if name not in existing:
        for outdated in existing:
            drop_database(outdated)
        report.progress(f"loading {patients:,} patients, once for today")
        unfinished = f"loading_{patients}"
        drop_database(unfinished)
        create_database(unfinished)
        manage(unfinished, "migrate", "--no-input", "--verbosity", "0")
        manage(unfinished, "load_demo", "--patients", str(patients), "--seed", str(SEED))
        _execute("ALTER DATABASE {} RENAME TO {}", unfinished, name)
    return database_url(name)


def manage(database: str, *arguments: str) -> None:
    """Run `manage.py` on a database of the benchmarks."""
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url(database)},
        stdout=sys.stderr,
        check=True,
    )


def database_url(database: str) -> str:
    return embedded.servers().database_url.replace(f"/{embedded.DATABASE}?", f"/{database}?", 1)


def connect(url: str) -> None:
    """Let Django work on a database of the benchmarks; its modules can be imported only now."""
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_crm.settings")
    django.setup()
    connection.close()
    connection.settings_dict.update(env.database("DATABASE_URL", None))


def create_database(name: str, template: str = "template1") -> None:
    _execute("CREATE DATABASE {} TEMPLATE {}", name, template)


def drop_database(name: str) -> None:
    _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def list_databases() -> list[str]:
    connection = psycopg2.connect(embedded.servers().database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        names = [name for (name,) in cursor.fetchall()]
    connection.close()
    return names


def _execute(statement: str, *names: str) -> None:
    connection = psycopg2.connect(embedded.servers().database_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
    connection.close()


def _fingerprint_of_demo() -> str:
    digest = hashlib.sha256(fingerprint_of_migrations().encode())
    sources = [*ROOT.glob("demo/*.py"), *ROOT.glob("demo/sql/*.sql")]
    for path in sorted(sources):
        digest.update(Path(path).read_bytes())
    return f"{datetime.now(UTC):%Y%m%d}_{digest.hexdigest()[:8]}"


def _readable(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
