import subprocess
import sys

import pytest
from django.db import connection

from clinic_crm.embedded import ROOT
from tests.databases import worker_environment


@pytest.mark.django_db
def test_the_server_knows_cyrillic_case_and_has_our_extensions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('ЁЛКИНА'), 'Ирина' ILIKE 'ИРИНА'")
        folded = cursor.fetchone()
        cursor.execute("SELECT extname FROM pg_extension")
        extensions = {name for (name,) in cursor.fetchall()}

    assert folded == ("ёлкина", True)
    assert {"btree_gist", "pg_trgm"} <= extensions


@pytest.mark.django_db
def test_a_process_started_by_a_test_works_on_its_database() -> None:
    setup = "import django; django.setup(); from django.db import connection as c"
    code = f"{setup}; c.ensure_connection(); print(c.connection.info.dbname)"

    result = subprocess.run(
        [sys.executable, "-c", code],
        env=worker_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == connection.settings_dict["NAME"]
