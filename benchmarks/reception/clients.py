"""Clients at once, each a process of its own with a connection of its own to the database."""

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar

from django.db import connection

T = TypeVar("T")

PATIENCE = 60  # seconds until a client that nobody joins gives up


class ClientFailed(Exception):
    """A client ended without an answer; the message is what it said last."""


def run_at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Start all jobs together and return what each returned. Raises `ClientFailed`."""
    context = multiprocessing.get_context("fork")
    connection.close()
    start = context.Barrier(len(jobs), timeout=PATIENCE)
    running = []
    for job in jobs:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(job, start, theirs), daemon=True)
        process.start()
        theirs.close()
        running.append((process, ours))
    answers: list[Any] = []
    for process, pipe in running:
        try:
            answers.append(pipe.recv())
        except EOFError:
            answers.append(ClientFailed("A client ended without a word."))
        process.join()
    failures = [answer for answer in answers if isinstance(answer, ClientFailed)]
    if failures:
        raise failures[0]
    return answers


def _run(job: Callable[[], object], start: Barrier, pipe: Connection) -> None:
    try:
        connection.ensure_connection()
        start.wait()
        pipe.send(job())
    except Exception as error:  # noqa: BLE001 — the parent reads and raises it
        pipe.send(ClientFailed(repr(error)))
    finally:
        connection.close()
