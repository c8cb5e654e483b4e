from prescriptions.queries.chain import ChainWish, Link, propose_chain
from prescriptions.queries.courses import (
    OPEN,
    CountedLine,
    CountedLines,
    LineFilter,
    StateCounts,
    access_line,
    count_states,
    filter_lines,
    is_overdue,
    list_lines,
    list_open_lines,
)
from prescriptions.queries.progress import (
    CLOSED,
    IN_SCHEDULE,
    Progress,
    get_progress,
    list_lines_missing,
)

__all__ = [
    "CLOSED",
    "IN_SCHEDULE",
    "OPEN",
    "ChainWish",
    "CountedLine",
    "CountedLines",
    "LineFilter",
    "Link",
    "Progress",
    "StateCounts",
    "access_line",
    "count_states",
    "filter_lines",
    "get_progress",
    "is_overdue",
    "list_lines",
    "list_lines_missing",
    "list_open_lines",
    "propose_chain",
]
