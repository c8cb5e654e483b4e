"""Patient search at 100,000 patients: p95 over the ways in which reception types."""

import importlib
import random
import time

from django.db import connection

from benchmarks.harness import Report, connect, demo_database, percentile

PATIENTS = 100_000
SEARCHES = 600
LIMIT = 8


def run(report: Report) -> None:
    connect(demo_database(report, PATIENTS))
    # Django's own modules can be imported only now that it knows its database.
    queries = importlib.import_module("patients.queries")
    seconds: dict[str, list[float]] = {}
    for kind, text in _list_texts(random.Random(1)):
        started = time.perf_counter()
        queries.find_patients(text=text, limit=LIMIT)
        seconds.setdefault(kind, []).append(time.perf_counter() - started)
    for kind, taken in seconds.items():
        report.figure(f"search.{kind}.p95", 1000 * percentile(taken, 0.95), "ms")
    everything = [second for taken in seconds.values() for second in taken]
    report.figure("search.p95", 1000 * percentile(everything, 0.95), "ms")


def _list_texts(dice: random.Random) -> list[tuple[str, str]]:
    """Parts of names, phones as they are dictated, last four digits, birth dates."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.last_name, p.first_name, p.birth_on, c.value FROM patients_patient p "
            "JOIN patients_contactpoint c ON c.patient_id = p.id AND c.kind = 'PHONE' "
            "WHERE p.id %% 97 = 0 ORDER BY p.id LIMIT %s",
            [SEARCHES // 6],
        )
        people = cursor.fetchall()
    texts = []
    for last, first, born, phone in people:
        texts += [
            ("name", last[:4]),
            ("name", f"{last} {first[:2]}"),
            ("inside", last[1:5]),
            ("phone", f"8 ({phone[2:5]}) {phone[5:8]}-{phone[8:10]}-{phone[10:]}"),
            ("tail", phone[-4:]),
            ("birth", f"{born:%d.%m.%Y}"),
        ]
    dice.shuffle(texts)
    return texts
