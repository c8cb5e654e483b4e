"""Tables whose rows are proof: a correction is a new row, and the database insists on it."""

from django.db import migrations


def append_only(table: str) -> migrations.RunSQL:
    """Return the migration operation after which no row of `table` can be changed or deleted.

    The app's migration depends on `outbox.0002_append_only`, which makes the function.
    """
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER {table}_append_only ON {table}",
    )
