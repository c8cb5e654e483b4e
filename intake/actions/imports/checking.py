"""The dry run: what each row is, before anything is changed."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from intake.models import Import, ImportRow, RowOutcome
from intake.queries.matching import Books
from intake.records import Record, RowRefused, Rules, read_record
from intake.tables import read_table

BATCH = 1_000

MARK_TWINS = """
UPDATE intake_importrow later
SET outcome = 'SAME', reason = 'in_file'
FROM (
    SELECT identity, min(number) AS number FROM intake_importrow
    WHERE file_id = %(file)s AND outcome = 'NEW'
    GROUP BY identity HAVING count(*) > 1
) AS head
WHERE later.file_id = %(file)s AND later.outcome = 'NEW'
    AND later.identity = head.identity AND later.number > head.number
"""


def check_next(file: Import, *, now: datetime) -> bool:
    """Read the file's rows, or judge a batch of them; False when all are judged.

    For a step that holds the import.
    """
    if file.content is not None:
        _read_rows(file)
        return True
    rows = list(file.rows.filter(outcome=RowOutcome.WAITING).order_by("number")[:BATCH])
    if not rows:
        with connection.cursor() as cursor:
            cursor.execute(MARK_TWINS, {"file": file.pk})
        return False
    records = read_records(file, rows, now=now)
    books = Books(list(records.values()))
    for row in rows:
        if row.number in records:
            match = books.match(records[row.number])
            row.outcome, row.candidate_id = match.outcome, match.candidate_id
    ImportRow.objects.bulk_update(
        rows, ["outcome", "reason", "remarks", "identity", "candidate"], batch_size=500
    )
    return True


def _read_rows(file: Import) -> None:
    """All rows at once: whoever is killed over it begins again. Raises `WrongFile`s."""
    table = read_table(bytes(file.content or b""))
    file.rows.all().delete()
    ImportRow.objects.bulk_create(
        (ImportRow(file=file, number=number, values=cells) for number, cells in table.rows),
        batch_size=2_000,
    )
    file.content, file.total, file.about = None, len(table.rows), table.about
    file.save(update_fields=["content", "total", "about"])


def read_records(file: Import, rows: Sequence[ImportRow], *, now: datetime) -> dict[int, Record]:
    """Return the records by row number; a row that makes no sense is marked REFUSED instead."""
    zone = file.branch.zone
    rules = Rules(**file.rules)
    records: dict[int, Record] = {}
    for row in rows:
        try:
            record = read_record(row.values, file.mapping, rules=rules, zone=zone, now=now)
        except RowRefused as refusal:
            row.outcome, row.reason = RowOutcome.REFUSED, refusal.code
        else:
            row.identity, row.remarks = record.identity, list(record.remarks)
            records[row.number] = record
    return records
