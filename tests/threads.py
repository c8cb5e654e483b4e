"""Several clients at the same instant, each on a database connection of its own."""

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import TypeVar

from django.db import connection

T = TypeVar("T")

PATIENCE = 60  # seconds until a client that nobody answers gives up


def run_at_once(jobs: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Start all jobs together and return what each returned or raised, in their order.

    Only for tests marked `django_db(transaction=True)`: each thread commits.
    """
    results: list[T | BaseException] = [RuntimeError("never finished")] * len(jobs)
    start = Barrier(len(jobs), timeout=PATIENCE)

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            results[number] = jobs[number]()
        except BaseException as error:  # noqa: BLE001 — the test reads it
            results[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,), daemon=True) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return results
