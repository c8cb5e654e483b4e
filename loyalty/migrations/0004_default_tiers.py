"""The programme as it starts: three tiers. The clinic changes them on the page of loyalty."""

from decimal import Decimal

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TIERS = [
    ("Базовый", Decimal(0), Decimal(3)),
    ("Серебро", Decimal(50_000), Decimal(5)),
    ("Золото", Decimal(150_000), Decimal(7)),
]


def add_tiers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    tier = apps.get_model("loyalty", "Tier")
    for name, spent_from, earn_percent in TIERS:
        tier.objects.get_or_create(
            spent_from=spent_from, defaults={"name": name, "earn_percent": earn_percent}
        )


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0003_accounts_and_debts")]

    operations = [migrations.RunPython(add_tiers, migrations.RunPython.noop)]
