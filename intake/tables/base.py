from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from outbox.errors import Refused

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 60
LONGEST_CELL = 2_000
"""What is longer is cut: no name, phone or note of a patient is."""


@dataclass(frozen=True)
class Table:
    """Columns and numbered rows, as a spreadsheet counts them.

    A row has as many cells as there are `columns`, or more where the file is ragged. `about` says
    for a person how the file was read («CSV, windows-1251, ;»).
    """

    columns: list[str]
    rows: list[tuple[int, list[str]]]
    about: str


class WrongFile(Refused):
    code = "wrong_file"
    status = 400


class EmptyFile(WrongFile):
    code = "file_empty"
    message = _("There is no row in this file. It needs a line of headings and the rows below.")


class TooLarge(WrongFile):
    code = "file_too_large"
    message = _("The file is larger than 20 MB. Divide it into several.")


class TooManyRows(WrongFile):
    code = "too_many_rows"
    message = _("There are more than 100,000 rows in this file. Divide it into several.")


class TooManyColumns(WrongFile):
    code = "too_many_columns"
    message = _("There are more than 60 columns in this file. Leave those that are needed.")


class ForeignFile(WrongFile):
    code = "file_foreign"
    message = _("This is not a table. Save it as XLSX or CSV and upload it again.")


class OldExcel(WrongFile):
    code = "file_old_excel"
    message = _("This is the old XLS format. Open it in a spreadsheet and save it as XLSX.")


class UnknownEncoding(WrongFile):
    code = "wrong_encoding"
    message = _(
        "The letters of this file cannot be read. Save it as XLSX, or as CSV in UTF-8 or "
        "Windows-1251."
    )


class BrokenTable(WrongFile):
    code = "table_broken"
    message = _(
        "The table breaks off: probably a quotation mark that is never closed. Save the file as "
        "XLSX and upload it again."
    )


def tidy(cell: str) -> str:
    """One line without edge spaces; the guard against formulas that our own files carry is off."""
    text = " ".join(cell.replace("\x00", "").split())[:LONGEST_CELL]
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text


WRONG_FILES = {kind.code: kind.message for kind in WrongFile.__subclasses__()}
"""Code → what to do, for a file that proves wrong only when its rows are read."""
