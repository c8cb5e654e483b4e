"""A file on its way in, as short as a test wants to tell it."""

from collections.abc import Sequence
from datetime import datetime

from clinic.models import Branch
from intake.actions import (
    import_next,
    map_columns,
    open_import,
    start_import,
)
from intake.models import Import, ImportRow
from intake.records import Rules
from tests.intake.factories import NOW


def upload(text: str, branch: Branch, *, name: str = "base.csv") -> Import:
    file, _is_new = open_import(
        file_name=name, content=text.encode(), branch_id=branch.pk, actor_id=None, now=NOW
    )
    return file


def work(*, now: datetime = NOW) -> None:
    while import_next(now=now):
        pass


def check(
    text: str,
    branch: Branch,
    *,
    rules: Rules | None = None,
    mapping: Sequence[str] | None = None,
) -> Import:
    """Upload the file, take the columns as guessed, and try it."""
    file = upload(text, branch)
    map_columns(import_id=file.pk, mapping=mapping or file.mapping, rules=rules or Rules())
    work()
    file.refresh_from_db()
    return file


def run(text: str, branch: Branch, *, rules: Rules | None = None) -> Import:
    """The whole way, nobody deciding anything."""
    file = check(text, branch, rules=rules)
    start_import(import_id=file.pk)
    work()
    file.refresh_from_db()
    return file


def outcomes(file: Import) -> list[str]:
    return list(file.rows.order_by("number").values_list("outcome", flat=True))


def row(file: Import, number: int) -> ImportRow:
    return file.rows.get(number=number)
