"""A file that somebody's spreadsheet or former system wrote, as columns and rows of texts.

The file is foreign: it may be huge, broken, or not a table at all. Everything is limited, and
every way in which it can be wrong is a `WrongFile` that says what to do.
"""

from intake.tables.base import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    BrokenTable,
    EmptyFile,
    ForeignFile,
    OldExcel,
    Table,
    TooLarge,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
    WrongFile,
)
from intake.tables.reading import read_table

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "BrokenTable",
    "EmptyFile",
    "ForeignFile",
    "OldExcel",
    "Table",
    "TooLarge",
    "TooManyColumns",
    "TooManyRows",
    "UnknownEncoding",
    "WrongFile",
    "read_table",
]
