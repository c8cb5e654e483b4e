"""Rows taken out of an import as a file that a spreadsheet opens."""

import csv
import io
from collections.abc import Iterable

from django.utils.translation import gettext as _

from intake.models import Import, ImportRow
from intake.reasons import explain_reason

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def write_refused(file: Import, rows: Iterable[ImportRow]) -> str:
    """Return the rows with the reason of each, ready to be corrected and uploaded again.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it, which our
    reader takes off again.
    """
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([*map(guard, file.columns), _("Line"), _("Why not imported")])
    for row in rows:
        cells = row.values[: len(file.columns)]
        writer.writerow([*map(guard, cells), row.number, explain_reason(row.reason)])
    return "\ufeff" + written.getvalue()


def guard(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(DANGEROUS) else text
