import sys
import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from demo.actions import load_demo
from outbox.errors import Refused

BAR_WIDTH = 30


class Command(BaseCommand):
    help = "Fill the empty database with the demo clinic: a year of work and two weeks ahead."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--patients", type=int, default=2_000, help="default: 2000")
        parser.add_argument("--seed", type=int, default=1, help="another seed, other people")
        parser.add_argument(
            "--now",
            type=_moment,
            help="the moment that counts as now, ISO 8601 with an offset (default: this minute)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["now"] or timezone.now().replace(second=0, microsecond=0)
        started = time.monotonic()
        try:
            counts = load_demo(
                patients=options["patients"],
                seed=options["seed"],
                now=now,
                report=self._show if sys.stderr.isatty() or options["verbosity"] > 1 else _be_quiet,
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        took = time.monotonic() - started
        self.stdout.write(
            f"{counts['patients_patient']:,} patients, "
            f"{counts['appointments_appointment']:,} appointments, "
            f"{sum(counts.values()):,} rows in {took:.1f} s."
        )

    def _show(self, done: int, total: int) -> None:
        filled = BAR_WIDTH * done // total
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        self.stderr.write(f"\r{bar} {100 * done // total:3} %", ending="")
        if done == total:
            self.stderr.write("")


def _be_quiet(done: int, total: int) -> None:
    """No bar in a log file."""


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment
