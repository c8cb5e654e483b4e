import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db.models import Max

from clinic.models import Role, Shift, User
from clinic_crm.fingerprint import fingerprint_of_migrations
from demo.catalogue import PASSWORD
from patients.models import Patient


class Command(BaseCommand):
    help = "Migrate, and load the demo clinic into an empty database; what bin/demo runs first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stamp", type=Path, help="where to note that this is done")

    def handle(self, *args: Any, stamp: Path | None, **options: Any) -> None:
        self.stdout.write("Bringing the database up to date…")
        call_command("migrate", interactive=False, verbosity=0)
        if not Patient.objects.exists():
            self.stdout.write("Loading the demo clinic…")
            call_command("load_demo")
        if stamp is not None:
            stamp.write_text(json.dumps(_state()), encoding="utf-8")


def _state() -> dict[str, Any]:
    users = User.objects.filter(is_active=True).exclude(role="").order_by("id")
    first_of_role = {user.role: user for user in reversed(users)}
    planned_until = Shift.objects.aggregate(end=Max("ends_at"))["end"]
    return {
        "migrations": fingerprint_of_migrations(),
        "password": PASSWORD,
        "planned_until": planned_until.isoformat() if planned_until else "",
        "logins": [
            [role.lower(), first_of_role[role].username]
            for role in Role.values
            if role in first_of_role
        ],
    }
