"""An import whose worker dies without a word: what it had not finished is done again, once."""

from tests.journeys.product import Product
from tests.journeys.test_the_day import PATIENCE

ROWS = 1_200  # four batches of the worker

KILL_HALF_WAY = """
import os, signal, time
from django.utils import timezone
from clinic.models import Branch
from intake.actions import map_columns, open_import, start_import
from intake.models import Import, ImportRow
from intake.records import Rules

def name(number):
    return "".join("абвгдежзик"[int(digit)] for digit in f"{{number:04}}").title()

lines = ["ФИО;Телефон;Дата визита;Сумма"] + [
    f"Новосёлова {{name(number)}};8912{{3000000 + number}};{{number % 28 + 1:02}}.03.2025;1500"
    for number in range({rows})]
file, _is_new = open_import(
    file_name="base.csv", content="\\n".join(lines).encode(), actor_id=None,
    branch_id=Branch.objects.first().pk, now=timezone.now())

def wait_until(is_so):
    while not is_so():
        time.sleep(0.01)

def is_checked():
    return Import.objects.get(pk=file.pk).status == "CHECKED"

def count_done():
    return ImportRow.objects.filter(file=file, is_done=True).count()

map_columns(import_id=file.pk, mapping=file.mapping, rules=Rules())
wait_until(is_checked)
start_import(import_id=file.pk)
wait_until(count_done)
os.killpg({worker}, signal.SIGKILL)
print(json.dumps({{"id": file.pk, "done": count_done()}}))
"""
OUTCOME = """
import time
from appointments.models import Appointment, Visit
from intake.models import Import, ImportRow
from patients.models import Patient

deadline = time.monotonic() + {patience}
while Import.objects.get(pk={id}).status == "RUNNING" and time.monotonic() < deadline:
    time.sleep(0.1)
rows = ImportRow.objects.filter(file={id}, is_done=True, outcome="NEW")
people = Patient.objects.filter(last_name="Новосёлова")
visits = Appointment.objects.filter(patient__in=people)
print(json.dumps({{
    "status": Import.objects.get(pk={id}).status,
    "rows": rows.count(),
    "patients of the rows": rows.values("patient").distinct().count(),
    "patients": people.count(),
    "visits": visits.count(),
    "bills": Visit.objects.filter(appointment__in=visits).count(),
}}))
"""


def test_a_killed_worker_loses_and_doubles_nothing(product: Product) -> None:
    before = product.find("worker")
    killed = product.python(KILL_HALF_WAY.format(rows=ROWS, worker=before))
    assert 0 < killed["done"] < ROWS

    outcome = product.python(OUTCOME.format(id=killed["id"], patience=2 * PATIENCE))

    assert outcome.pop("status") == "DONE"
    assert set(outcome.values()) == {ROWS}
    assert product.find("worker") != before
