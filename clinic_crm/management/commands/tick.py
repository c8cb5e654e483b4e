import math
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from clinic.days import is_within_reach
from clinic_crm.schedule import PERIODIC, Foreseen

MOST_ROUNDS = 20


class Command(BaseCommand):
    help = "Run one pass of all scheduled work as of a moment, here and now, without Celery."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", help="ISO 8601 with offset: 2026-12-01T09:00+03:00")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="change nothing; list what would be sent to whom and why the rest would not",
        )

    def handle(self, *args: Any, now: str | None, dry_run: bool, **options: Any) -> None:
        moment = timezone.now() if now is None else _moment(now)
        if dry_run:
            self.foretell(moment)
        else:
            self.work(moment)

    def work(self, now: datetime) -> None:
        """Rounds over the schedule until one finds nothing: an event may cause the next entry."""
        done = dict.fromkeys((entry.name for entry in PERIODIC), 0)
        for _round in range(MOST_ROUNDS):
            before = sum(done.values())
            for entry in PERIODIC:
                done[entry.name] += entry.run(now, math.inf)
            if sum(done.values()) == before:
                break
        for name, count in done.items():
            self.stdout.write(f"{name} {count}")

    def foretell(self, now: datetime) -> None:
        with transaction.atomic():
            foreseen = self.rehearse(now)
            transaction.set_rollback(True)
        for line in sorted(foreseen, key=lambda line: line.due_at):
            due = timezone.localtime(line.due_at).isoformat(timespec="minutes")
            self.stdout.write(f"{due}  {line.verdict}  {line.what}  {line.recipient}")
        self.stdout.write(f"{len(foreseen)} foreseen; nothing was changed.")

    def rehearse(self, now: datetime) -> list[Foreseen]:
        """Play through what only writes rows, and ask what would become of the messages."""
        foreseen: list[Foreseen] = []
        for entry in PERIODIC:
            if entry.preview:
                foreseen += entry.preview(now=now)
            if entry.is_rehearsed:
                entry.run(now, math.inf)
        return foreseen


def _moment(raw: str) -> datetime:
    try:
        moment = parse_datetime(raw)
    except ValueError as error:
        raise CommandError(f"--now: {raw} is not a date that exists.") from error
    if moment is None or timezone.is_naive(moment):
        raise CommandError("--now needs a date, a time and an offset: 2026-12-01T09:00+03:00")
    if not is_within_reach(moment.date()):
        raise CommandError(f"--now: {raw} is not in the life of a clinic.")
    return moment
