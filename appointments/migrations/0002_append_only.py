"""Payments are a ledger: the database refuses to change them."""

from django.db import migrations

from outbox.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("appointments", "0001_initial"), ("outbox", "0002_append_only")]

    operations = [
        append_only("appointments_payment"),
    ]
