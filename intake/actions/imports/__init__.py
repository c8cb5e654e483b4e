from intake.actions.imports.files import (
    ImportBusy,
    MappingWrong,
    NothingToImport,
    continue_import,
    decide_rows,
    discard_import,
    map_columns,
    open_import,
    remap_import,
    start_import,
    stop_import,
    undo_import,
)
from intake.actions.imports.steps import import_next, work_through

__all__ = [
    "ImportBusy",
    "MappingWrong",
    "NothingToImport",
    "continue_import",
    "decide_rows",
    "discard_import",
    "import_next",
    "map_columns",
    "open_import",
    "remap_import",
    "start_import",
    "stop_import",
    "undo_import",
    "work_through",
]
