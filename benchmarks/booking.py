"""Booking by 32 clients: nobody twice, no free time refused, how fast; then a mixed storm."""

import importlib
import os

import django
from django.db import connection

from benchmarks.harness import Report, create_database, database_url, drop_database, manage
from clinic_crm import embedded, env

DATABASE = "booking"


def run(report: Report) -> None:
    drop_database(DATABASE)
    create_database(DATABASE)
    manage(DATABASE, "migrate", "--no-input", "--verbosity", "0")
    url = database_url(DATABASE)
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_crm.settings")
    django.setup()
    connection.close()
    connection.settings_dict.update(env.database("DATABASE_URL", None))
    try:
        # What names the models can be imported only now that Django is ready.
        measuring = importlib.import_module("benchmarks.reception.booking")
        measuring.measure(report, url=url, pgbench=str(embedded.find_pgbench()))
    finally:
        connection.close()
        drop_database(DATABASE)
