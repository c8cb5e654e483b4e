import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.models import Branch, User
from intake.actions import (
    decide_rows,
    discard_import,
    map_columns,
    open_import,
    start_import,
    undo_import,
    work_through,
)
from intake.exports import write_refused
from intake.fields import BY_CODE
from intake.models import Import, ImportStatus, RowDecision
from intake.queries import count_rows, list_rows
from intake.records import Rules
from outbox.errors import Refused

DUPLICATES = {"ask": "", "same": RowDecision.JOIN, "other": RowDecision.SEPARATE}


class Command(BaseCommand):
    help = "Import patients and past visits from a CSV or XLSX file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--branch", help="name of the branch (default: the first one)")
        parser.add_argument(
            "--mapping",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help=f"what a column is; fields: {', '.join(BY_CODE)}; empty leaves it out",
        )
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")
        parser.add_argument(
            "--duplicates",
            choices=DUPLICATES,
            default="ask",
            help="who resembles a known patient: leave for a decision, the same person, another",
        )
        parser.add_argument("--bad-phones", choices=["skip", "refuse"], default="skip")
        parser.add_argument("--nameless", choices=["refuse", "import"], default="refuse")
        parser.add_argument("--basis", default="", help="on what consents in the file are based")
        parser.add_argument("--refused", type=Path, help="write the refused rows to this file")
        parser.add_argument("--user", help="login of whoever imports")
        parser.add_argument("--undo", action="store_true", help="undo the import of this file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._import(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error

    def _import(self, options: dict[str, Any]) -> None:
        file, is_new = open_import(
            file_name=options["file"].name,
            content=options["file"].read_bytes(),
            branch_id=_find_branch(options["branch"]).pk,
            actor_id=_find_user(options["user"]),
            now=timezone.now(),
        )
        if options["undo"]:
            undo_import(import_id=file.pk)
            return self._tell(self._work(file))
        if is_new or file.status == ImportStatus.UPLOADED:
            mapping = _read_mapping(file, options["mapping"])
            rules = Rules(options["bad_phones"], options["nameless"], options["basis"])
            map_columns(import_id=file.pk, mapping=mapping, rules=rules)
        file = self._work(file)
        if decision := DUPLICATES[options["duplicates"]]:
            decide_rows(import_id=file.pk, numbers=None, decision=decision)
        if options["dry_run"]:
            self._tell(file)
            self._write_refused(file, options["refused"])
            if file.status == ImportStatus.CHECKED:
                discard_import(import_id=file.pk)
            return None
        if count_rows(file).ready:
            start_import(import_id=file.pk)
        file = self._work(file)
        self._write_refused(file, options["refused"])
        return self._tell(file)

    def _work(self, file: Import) -> Import:
        file = work_through(import_id=file.pk, now=timezone.now(), report=self._show)
        if sys.stderr.isatty():
            self.stderr.write("")
        if file.status == ImportStatus.FAILED:
            raise CommandError(f"The import failed: {file.error}")
        return file

    def _show(self, file: Import) -> None:
        if sys.stderr.isatty():
            figures = count_rows(file)
            percent = figures.progress(file.status)
            self.stderr.write(f"\r{file.get_status_display()}: {percent:3} %", ending="")

    def _tell(self, file: Import) -> None:
        figures = count_rows(file)
        for name in ("total", "new", "same", "undecided", "refused", "added", "visits", "stays"):
            self.stdout.write(f"{name} {getattr(figures, name)}")

    def _write_refused(self, file: Import, path: Path | None) -> None:
        if path is not None:
            path.write_text(
                write_refused(file, list_rows(file, show="refused")), encoding="utf-8", newline=""
            )


def _find_branch(name: str | None) -> Branch:
    branches = Branch.objects.filter(is_active=True).order_by("id")
    branch = branches.filter(name=name).first() if name else branches.first()
    if branch is None:
        raise CommandError(f"There is no branch {name!r}." if name else "There is no branch yet.")
    return branch


def _find_user(login: str | None) -> int | None:
    if not login:
        return None
    user = User.objects.filter(username=login).first()
    if user is None:
        raise CommandError(f"There is no user {login!r}.")
    return user.pk


def _read_mapping(file: Import, told: list[str]) -> list[str]:
    mapping = list(file.mapping)
    for pair in told:
        column, _equals, code = pair.partition("=")
        if column not in file.columns or (code and code not in BY_CODE):
            raise CommandError(f"{pair!r}: columns are {file.columns}, fields {list(BY_CODE)}")
        mapping[file.columns.index(column)] = code
    return mapping
