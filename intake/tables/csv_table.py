import csv
import io
import itertools
from collections import Counter

from intake.tables.base import LONGEST_CELL, MAX_COLUMNS, MAX_ROWS, BrokenTable, TooManyRows
from intake.tables.letters import decode

DELIMITERS = (";", ",", "\t", "|")
SAMPLE_LINES = 50
NAMES = {"\t": "TAB"}


def read_csv(content: bytes, *, limit: int | None = None) -> tuple[list[list[str]], str]:
    """Return all lines and how they were read. Raises `UnknownEncoding`, `BrokenTable`."""
    text, encoding = decode(content)
    delimiter = _detect_delimiter(text)
    csv.field_size_limit(10 * LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    lines: list[list[str]] = []
    try:
        for line in itertools.islice(reader, limit):
            lines.append(line[: 2 * MAX_COLUMNS])
            if len(lines) > 2 * MAX_ROWS:
                raise TooManyRows
    except csv.Error as error:
        raise BrokenTable from error
    if _has_swallowed(lines):
        raise BrokenTable
    return lines, f"CSV, {encoding}, {NAMES.get(delimiter, delimiter)}"


def _detect_delimiter(text: str) -> str:
    """The one that cuts the most lines into the same number of cells, more than one."""
    lines = [line for line in text[:200_000].splitlines() if line.strip()][:SAMPLE_LINES]

    def evenness(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        try:
            sizes = Counter(len(row) for row in rows)
        except csv.Error:
            return (0, 0)
        size, count = max(sizes.items(), key=lambda pair: (pair[0] > 1, pair[1]))
        return (count if size > 1 else 0, size)

    return max(DELIMITERS, key=evenness)


def _has_swallowed(lines: list[list[str]]) -> bool:
    """A quotation mark that is never closed makes one cell of all lines up to the end."""
    return any(cell.count("\n") > 20 for line in lines[-1:] for cell in line)
