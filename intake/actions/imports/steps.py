"""The worker's side of an import: one batch at a time, each in a transaction of its own."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import OperationalError, transaction

from intake.actions.imports.checking import check_next
from intake.actions.imports.running import run_next
from intake.actions.imports.undoing import undo_next
from intake.events import ImportFinished, ImportUndone
from intake.models import Import, ImportStatus
from outbox.actions import record_event
from outbox.errors import Refused

logger = logging.getLogger(__name__)

WORK: dict[str, tuple[Callable[..., bool], ImportStatus]] = {
    ImportStatus.CHECKING: (check_next, ImportStatus.CHECKED),
    ImportStatus.RUNNING: (run_next, ImportStatus.DONE),
    ImportStatus.UNDOING: (undo_next, ImportStatus.UNDONE),
}
"""What is done in each state, and the state when nothing of it is left."""
FACTS = {ImportStatus.DONE: ImportFinished, ImportStatus.UNDONE: ImportUndone}


def import_next(*, now: datetime) -> bool:
    """Do the next batch of the oldest import at work; False when there is none.

    Two workers never hold one import. A killed worker leaves whole batches behind it. What a
    batch cannot be done for makes the import FAILED, not the worker: a person reads why.
    """
    with transaction.atomic(durable=True):
        file = (
            Import.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .filter(status__in=WORK)
            .order_by("id")
            .first()
        )
        if file is None:
            return False
        _do_batch(file, now=now)
    return True


def work_through(*, import_id: int, now: datetime, report: Callable[[Import], None]) -> Import:
    """Do all batches of one import here and now, as a command does. `report` sees each of them."""
    while True:
        with transaction.atomic(durable=True):
            file = Import.objects.select_for_update(no_key=True, of=("self",)).get(pk=import_id)
            if file.status not in WORK:
                return file
            _do_batch(file, now=now)
        report(file)


def _do_batch(file: Import, *, now: datetime) -> None:
    work, afterwards = WORK[file.status]
    try:
        with transaction.atomic():
            has_more = work(file, now=now)
    except OperationalError:
        raise  # the database is away or a lock was lost: the next pass does the batch again
    except Refused as refusal:
        _fail(file, refusal.code)
    except Exception:
        logger.exception("Import %s failed while %s", file.pk, file.status)
        _fail(file, "unexpected")
    else:
        if not has_more:
            _finish(file, afterwards, now=now)


def _finish(file: Import, status: ImportStatus, *, now: datetime) -> None:
    file.status = status
    if status in FACTS:
        file.finished_at = now
        fact = FACTS[status](patient_id=None, import_id=file.pk)
        record_event(fact, actor_id=file.actor_id, now=now)
    file.save(update_fields=["status", "finished_at"])


def _fail(file: Import, code: str) -> None:
    file.refresh_from_db()
    file.counts = {**file.counts, "failed_in": file.status}
    file.status, file.error = ImportStatus.FAILED, code
    file.save(update_fields=["status", "error", "counts"])
