"""What a person does with a file: uploads it, names its columns, decides, starts, stops, undoes.

The work itself is done in steps by a worker (`steps.import_next`); these actions only move the
file from one state to the next, so that a killed process loses nothing.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.fields import CONSENTS, check_mapping, guess_mapping
from intake.models import Import, ImportRow, ImportStatus, RowDecision, RowOutcome
from intake.records import Rules
from intake.tables import read_table
from outbox.errors import Refused

SAMPLE_ROWS = 30
SHOWN_SAMPLES = 3

WRONG_MAPPINGS: dict[str, str | Promise] = {
    "no_name_column": _("Say which column holds the name."),
    "name_twice": _("Choose either the full name or the last and the first name, not both."),
    "field_twice": _("Two columns cannot be the same thing. Leave one of them."),
    "no_visit_date": _("A visit needs its date: say which column holds it."),
    "no_basis": _("Write on what the consents of the file are based: which forms, signed when."),
}


class MappingWrong(Refused):
    """`details["reason"]` is a key of `WRONG_MAPPINGS`."""

    code = "mapping_wrong"
    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(WRONG_MAPPINGS[reason], reason=reason)


class ImportBusy(Refused):
    code = "import_busy"
    message = _("This import is in another state now. Refresh the page.")


class NothingToImport(Refused):
    code = "nothing_to_import"
    message = _("There is nothing in this file that could be imported.")


@transaction.atomic
def open_import(
    *, file_name: str, content: bytes, branch_id: int, actor_id: int | None, now: datetime
) -> tuple[Import, bool]:
    """Take the file in and guess its columns; return it and whether it is new here.

    The same bytes are the same import until it is undone or discarded. A mapping is remembered
    from the last file with the same headings. Raises what `read_table` raises.
    """
    table = read_table(content, limit=SAMPLE_ROWS)
    digest = hashlib.sha256(content).hexdigest()
    earlier = _find_same(digest, branch_id)
    if earlier is not None:
        return earlier, False
    remembered = _find_remembered(table.columns)
    return (
        Import.objects.create(
            file_name=file_name[-200:],
            digest=digest,
            content=content,
            about=table.about,
            columns=table.columns,
            samples=_list_samples([cells for _number, cells in table.rows], len(table.columns)),
            mapping=remembered.mapping if remembered else guess_mapping(table.columns),
            rules=asdict(Rules()) | (remembered.rules if remembered else {}),
            branch_id=branch_id,
            actor_id=actor_id,
            created_at=now,
        ),
        True,
    )


def _find_same(digest: str, branch_id: int) -> Import | None:
    gone = (ImportStatus.UNDONE, ImportStatus.FAILED)
    return (
        Import.objects.filter(digest=digest, branch_id=branch_id).exclude(status__in=gone).first()
    )


def _find_remembered(columns: list[str]) -> Import | None:
    known = Import.objects.filter(columns=columns).exclude(status=ImportStatus.UPLOADED)
    return known.order_by("-id").first()


def _list_samples(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Return for each column its first values that are not empty."""
    return [
        list(dict.fromkeys(row[place] for row in rows if row[place]))[:SHOWN_SAMPLES]
        for place in range(width)
    ]


@transaction.atomic
def map_columns(*, import_id: int, mapping: Sequence[str], rules: Rules) -> Import:
    """Say what the columns are and have the file checked. Raises `MappingWrong`, `ImportBusy`."""
    file = lock_import(import_id, ImportStatus.UPLOADED, ImportStatus.FAILED)
    reason = check_mapping(mapping)
    if not reason and not rules.basis.strip() and CONSENTS.keys() & set(mapping):
        reason = "no_basis"
    if reason:
        raise MappingWrong(reason)
    file.mapping, file.rules = list(mapping), asdict(rules)
    file.rows.update(outcome=RowOutcome.WAITING, reason="", remarks=[], candidate=None, decision="")
    return move(file, ImportStatus.CHECKING)


@transaction.atomic
def remap_import(*, import_id: int) -> Import:
    """Go back to the columns. Raises `ImportBusy` once anything has been imported."""
    file = lock_import(import_id, ImportStatus.CHECKED, ImportStatus.FAILED)
    if file.rows.filter(is_done=True).exists():
        raise ImportBusy
    return move(file, ImportStatus.UPLOADED)


@transaction.atomic
def decide_rows(*, import_id: int, numbers: Collection[int] | None, decision: str) -> int:
    """Say whether those in doubt (all of them: None) are the known patients; return how many.

    All rows of one person are decided at once. A row that is done keeps its decision.
    """
    file = lock_import(import_id, ImportStatus.CHECKED, ImportStatus.DONE, ImportStatus.STOPPED)
    rows = file.rows.filter(outcome=RowOutcome.DOUBTFUL, is_done=False)
    if numbers is not None:
        people = rows.filter(number__in=numbers).values("identity")
        rows = rows.filter(identity__in=people)
    else:
        rows = rows.filter(decision=RowDecision.NONE)
    return rows.update(decision=RowDecision(decision))


@transaction.atomic
def start_import(*, import_id: int) -> Import:
    """Let the worker import what was checked and decided. Raises `NothingToImport`."""
    file = lock_import(import_id, ImportStatus.CHECKED, ImportStatus.DONE)
    if not list_ready(file).exists():
        raise NothingToImport
    return move(file, ImportStatus.RUNNING)


@transaction.atomic
def stop_import(*, import_id: int) -> Import:
    """Stop after the batch under way. What was imported stays until it is undone."""
    file = lock_import(import_id, ImportStatus.CHECKING, ImportStatus.RUNNING)
    is_running = file.status == ImportStatus.RUNNING
    return move(file, ImportStatus.STOPPED if is_running else ImportStatus.UPLOADED)


@transaction.atomic
def continue_import(*, import_id: int) -> Import:
    """Go on where it was stopped or where it failed."""
    file = lock_import(import_id, ImportStatus.STOPPED, ImportStatus.FAILED)
    return move(file, ImportStatus(file.counts.get("failed_in", ImportStatus.RUNNING)))


@transaction.atomic
def undo_import(*, import_id: int) -> Import:
    """Let the worker take back all that the import added and nothing else depends on."""
    file = lock_import(import_id, ImportStatus.DONE, ImportStatus.STOPPED, ImportStatus.FAILED)
    return move(file, ImportStatus.UNDOING)


@transaction.atomic
def discard_import(*, import_id: int) -> None:
    """Forget a file of which nothing was imported."""
    file = lock_import(import_id, ImportStatus.UPLOADED, ImportStatus.CHECKED, ImportStatus.FAILED)
    if file.rows.filter(is_done=True).exists():
        raise ImportBusy
    file.rows.all().delete()
    file.delete()


def lock_import(import_id: int, *states: ImportStatus) -> Import:
    """Hold the import; it must be in one of the states. Raises `ImportBusy`."""
    file = Import.objects.select_for_update(no_key=True, of=("self",)).get(pk=import_id)
    if file.status not in states:
        raise ImportBusy
    return file


def move(file: Import, status: ImportStatus) -> Import:
    file.status, file.error = status, ""
    file.save(update_fields=["status", "error", "mapping", "rules"])
    return file


def list_ready(file: Import) -> QuerySet[ImportRow]:
    """Return the rows that can be carried out: new, known, or decided by a person."""
    clear = Q(outcome__in=[RowOutcome.NEW, RowOutcome.SAME])
    decided = Q(outcome=RowOutcome.DOUBTFUL) & ~Q(decision=RowDecision.NONE)
    return file.rows.filter(clear | decided, is_done=False).order_by("number")
