"""Reading by SQL, for what a page asks so often that working out the statement costs the most."""

from collections.abc import Mapping
from typing import Any

from django.db import connection


def read_rows(statement: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run the statement and return its rows by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
