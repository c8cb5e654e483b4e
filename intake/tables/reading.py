import re

from django.utils.translation import gettext as _

from intake.tables.base import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    EmptyFile,
    ForeignFile,
    OldExcel,
    Table,
    TooLarge,
    TooManyColumns,
    TooManyRows,
    tidy,
)
from intake.tables.csv_table import read_csv
from intake.tables.xlsx_table import read_xlsx

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
FOREIGN = (
    *(
        b"%PDF",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"Rar!",
        b"7z\xbc\xaf",
        b"\x1f\x8b",
        b"{\\rtf",
    ),
    *(b"MZ", b"\x7fELF", b"SQLite", b"PK\x05\x06"),
)
_MARKUP = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table)", re.IGNORECASE)
_LOOKS_LIKE_DATA = re.compile(r"^[+\d][\d\s()+\-.,:/]{4,}$|^\S+@\S+\.\S+$")


def read_table(content: bytes, *, limit: int | None = None) -> Table:
    """Read a CSV or XLSX file, told by its content and not by its name. Raises `WrongFile`s.

    Lines without a single filled cell are skipped. When the first line holds data (a phone, a
    date), the columns are numbered instead. With a `limit` only so many lines are read.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge
    lines, about = _read_lines(content, limit)
    filled = [
        (number, [tidy(cell) for cell in line])
        for number, line in enumerate(lines, start=1)
        if any(cell.strip() for cell in line)
    ]
    if not filled:
        raise EmptyFile
    width = max(_width(line) for _number, line in filled)
    _number, head = filled[0]
    has_head = not any(_LOOKS_LIKE_DATA.match(cell) for cell in head)
    columns = _name_columns(head if has_head else [], _width(head) if has_head else width)
    rows = filled[1:] if has_head else filled
    if len(columns) > MAX_COLUMNS:
        raise TooManyColumns
    if not rows:
        raise EmptyFile
    if len(rows) > MAX_ROWS:
        raise TooManyRows
    fitted = [(number, _fit(row, len(columns))) for number, row in rows]
    return Table(columns, fitted, about)


def _read_lines(content: bytes, limit: int | None) -> tuple[list[list[str]], str]:
    if content.startswith(ZIP):
        return read_xlsx(content, limit=limit)
    if content.startswith(OLD_EXCEL):
        raise OldExcel
    if content.startswith(FOREIGN) or _MARKUP.match(content):
        raise ForeignFile
    if not content.strip():
        raise EmptyFile
    return read_csv(content, limit=limit)


def _width(line: list[str]) -> int:
    """How many cells the line has, the empty ones at its end left out."""
    return max((place for place, cell in enumerate(line, start=1) if cell), default=0)


def _name_columns(head: list[str], width: int) -> list[str]:
    """Headings as they stand; those that are missing or repeated are numbered."""
    names: list[str] = []
    for place in range(width):
        name = head[place][:100] if place < len(head) else ""
        name = name or _("Column %(number)d") % {"number": place + 1}
        names.append(name if name not in names else f"{name} ({place + 1})")
    return names


def _fit(row: list[str], width: int) -> list[str]:
    """Short rows are filled up; cells beyond the last heading stay, so that they can be refused."""
    return row[: max(width, _width(row))] + [""] * (width - len(row))
