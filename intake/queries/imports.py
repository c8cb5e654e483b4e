from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.http import Http404

from clinic.models import Role, User
from intake.models import Import, ImportRow, ImportStatus, RowDecision, RowOutcome
from intake.reasons import REMARKS, STAYS, explain_reason

MAY_IMPORT = (Role.ADMINISTRATOR, Role.MANAGER)
AT_WORK = (ImportStatus.CHECKING, ImportStatus.RUNNING, ImportStatus.UNDOING)
SHOWS: dict[str, Q] = {
    "doubtful": Q(outcome=RowOutcome.DOUBTFUL),
    "new": Q(outcome=RowOutcome.NEW),
    "same": Q(outcome=RowOutcome.SAME),
    "refused": Q(outcome=RowOutcome.REFUSED),
    "remarks": ~Q(remarks=[]),
    "stays": Q(reason__startswith=STAYS),
}
"""Which rows a page of an import can show."""

COUNT_REMARKS = """
SELECT remark, count(*)
FROM intake_importrow, jsonb_array_elements_text(remarks) AS remark
WHERE file_id = %s
GROUP BY remark
"""


@dataclass(frozen=True, kw_only=True)
class ImportFigures:
    """Rows of a file by what they are and what became of them; `people` are those in doubt."""

    total: int
    waiting: int
    new: int
    same: int
    doubtful: int
    undecided: int
    refused: int
    ready: int
    done: int
    added: int
    visits: int
    stays: int
    remarks: dict[str, int]

    def progress(self, status: str) -> int:
        """Return per cent of the work under way."""
        if not self.total:
            return 0
        worked = {
            ImportStatus.CHECKING: self.total - self.waiting,
            ImportStatus.RUNNING: self.done,
            ImportStatus.UNDOING: self.total - self.done,
        }.get(ImportStatus(status), self.total)
        return 100 * worked // self.total


@dataclass(frozen=True, kw_only=True)
class RowLine:
    """A row as a page shows it: what it says, and why it is not simply imported."""

    row: ImportRow
    reason: str
    remarks: list[str]


def access_import(*, actor: User, import_id: int) -> Import:
    """Find the import. Raises `Http404`, `PermissionDenied` for others than reception."""
    file = Import.objects.select_related("branch", "actor").defer("content").filter(pk=import_id)
    found = file.first()
    if found is None or not (actor.role or actor.is_superuser):
        raise Http404
    if actor.role not in MAY_IMPORT and not actor.is_superuser:
        raise PermissionDenied
    return found


def list_imports() -> QuerySet[Import]:
    return (
        Import.objects.defer("content", "samples")
        .select_related("branch", "actor__employee")
        .order_by("-created_at", "-id")
    )


def count_rows(file: Import) -> ImportFigures:
    """Two statements over the rows of one file."""
    doubtful = Q(outcome=RowOutcome.DOUBTFUL, is_done=False)
    clear = Q(outcome__in=[RowOutcome.NEW, RowOutcome.SAME], is_done=False)
    figures = file.rows.aggregate(
        total=Count("id"),
        waiting=Count("id", filter=Q(outcome=RowOutcome.WAITING)),
        new=Count("id", filter=Q(outcome=RowOutcome.NEW)),
        same=Count("id", filter=Q(outcome=RowOutcome.SAME)),
        doubtful=Count("id", filter=Q(outcome=RowOutcome.DOUBTFUL)),
        undecided=Count("identity", filter=doubtful & Q(decision=RowDecision.NONE), distinct=True),
        refused=Count("id", filter=Q(outcome=RowOutcome.REFUSED)),
        ready=Count("id", filter=clear | (doubtful & ~Q(decision=RowDecision.NONE))),
        done=Count("id", filter=Q(is_done=True)),
        added=Count("id", filter=Q(has_added=True, patient__isnull=False)),
        visits=Count("id", filter=Q(appointment__isnull=False)),
        stays=Count("id", filter=Q(reason__startswith=STAYS)),
    )
    with connection.cursor() as cursor:
        cursor.execute(COUNT_REMARKS, [file.pk])
        remarks = {code: count for code, count in cursor.fetchall() if code in REMARKS}
    return ImportFigures(**figures, remarks=remarks)


def list_rows(file: Import, *, show: str) -> QuerySet[ImportRow]:
    """Return the rows that `show` (a key of `SHOWS`) names; of one person in doubt the first."""
    rows = file.rows.filter(SHOWS[show]).select_related("candidate", "patient")
    if show != "doubtful":
        return rows.order_by("number")
    heads = (
        file.rows.filter(SHOWS[show]).order_by("identity", "number").distinct("identity")
    ).values("pk")
    return rows.filter(pk__in=heads).order_by("decision", "number")


def describe_rows(rows: Iterable[ImportRow]) -> list[RowLine]:
    return [
        RowLine(
            row=row,
            reason=explain_reason(row.reason) if row.reason else "",
            remarks=[str(REMARKS[code]) for code in row.remarks if code in REMARKS],
        )
        for row in rows
    ]
