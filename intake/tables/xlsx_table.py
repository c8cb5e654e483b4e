import io
import itertools
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from intake.tables.base import (
    LONGEST_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    BrokenTable,
    ForeignFile,
    TooLarge,
    TooManyRows,
)

MAX_UNPACKED = 150 * 1024 * 1024
MAX_PARTS = 2_000
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}


def read_xlsx(content: bytes, *, limit: int | None = None) -> tuple[list[list[str]], str]:
    """Return the lines of the first sheet that has any. Values, not formulas.

    Raises `ForeignFile`, `BrokenTable`, and `TooLarge` for a file that unpacks into far more than
    it weighs.
    """
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (KeyError, ValueError, TypeError, OSError, ParseError, zipfile.BadZipFile) as error:
        raise BrokenTable from error
    try:
        for sheet in book.worksheets:
            lines = list(itertools.islice(_read_sheet(sheet), limit))
            if any(cell for line in lines for cell in line):
                return lines, f"XLSX, «{sheet.title}»"
    except (KeyError, ValueError, TypeError, OSError, ParseError, zipfile.BadZipFile) as error:
        raise BrokenTable from error
    finally:
        book.close()
    return [], "XLSX"


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise BrokenTable from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise TooLarge
    if not any(part.filename.startswith("xl/") for part in parts):
        raise ForeignFile


def _read_sheet(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True)):
        if number > 2 * MAX_ROWS:
            raise TooManyRows
        yield [_text(value) for value in row[: 2 * MAX_COLUMNS]]


def _text(value: object) -> str:
    """As a person sees the cell: dates day first, a phone kept as a number without a fraction."""
    match value:
        case None:
            return ""
        case bool():
            return "да" if value else "нет"
        case datetime():
            has_clock = (value.hour, value.minute) != (0, 0)
            return value.strftime("%d.%m.%Y %H:%M" if has_clock else "%d.%m.%Y")
        case date():
            return value.strftime("%d.%m.%Y")
        case time():
            return value.strftime("%H:%M")
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case str():
            return "" if value in ERRORS else value[: 2 * LONGEST_CELL]
        case _:
            return str(value)
