"""Rows per second of `load_demo` against bare COPY of the same rows into the same tables."""

import tempfile
from pathlib import Path

import psycopg2
from psycopg2 import sql

from benchmarks.harness import (
    SEED,
    Report,
    at_least,
    create_database,
    database_url,
    drop_database,
    interleave,
    manage,
)
from demo.tables import TABLES

PATIENTS = 4_000
EMPTY, LOADED, COPIED = "load_empty", "load_loaded", "load_copied"


def run(report: Report) -> None:
    for name in (EMPTY, LOADED, COPIED):
        drop_database(name)
    create_database(EMPTY)
    manage(EMPTY, "migrate", "--no-input", "--verbosity", "0")
    _load()
    create_database(COPIED, template=LOADED)
    with tempfile.TemporaryDirectory() as folder:
        rows = _write_out(Path(folder))
        seconds = interleave(report, {"load_demo": _load, "copy": lambda: _copy(Path(folder))})
    for name in (EMPTY, LOADED, COPIED):
        drop_database(name)
    report.figure("load.load_demo", rows / seconds["load_demo"], "rows/s")
    report.figure("load.copy", rows / seconds["copy"], "rows/s")
    report.figure("load.ratio", seconds["copy"] / seconds["load_demo"], "×", at_least(0.3))


def _load() -> None:
    """The whole command, its start included."""
    drop_database(LOADED)
    create_database(LOADED, template=EMPTY)
    manage(LOADED, "load_demo", "--patients", str(PATIENTS), "--seed", str(SEED))


def _write_out(folder: Path) -> int:
    """Write every table to a file of its own; return the rows of all."""
    rows = 0
    with psycopg2.connect(database_url(LOADED)) as connection, connection.cursor() as cursor:
        for table in TABLES:
            with (folder / table).open("wb") as file:
                cursor.copy_expert(_command("COPY {} TO STDOUT", table), file)
            rows += cursor.rowcount
    connection.close()
    return rows


def _copy(folder: Path) -> None:
    with psycopg2.connect(database_url(COPIED)) as connection, connection.cursor() as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, TABLES))
        cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
        for table in TABLES:
            with (folder / table).open("rb") as file:
                cursor.copy_expert(_command("COPY {} FROM STDIN", table), file)
    connection.close()


def _command(text: str, table: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table))
