from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic_crm import catalogues


class Command(BaseCommand):
    help = "Bring the Russian catalogues up to what the code says, and compile them."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; fail with a list of what is untranslated or stale",
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not check:
            for domain in catalogues.list_domains():
                domain.update()
            catalogues.compile_catalogues()
        complaints = catalogues.list_complaints()
        for line in complaints:
            self.stdout.write(line)
        if check and complaints:
            raise CommandError(f"{len(complaints)} messages need a translator.")
