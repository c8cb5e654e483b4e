"""The ledger keeps itself: rows never change, balances follow them, no session is taken twice."""

from django.db import migrations

from outbox.append_only import append_only

KEEP_BALANCE = """
CREATE FUNCTION packages_keep_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE packages_packagepart SET balance = balance + NEW.sessions WHERE id = NEW.part_id;
    RETURN NULL;
END $$;
CREATE TRIGGER packages_packageentry_balance AFTER INSERT ON packages_packageentry
    FOR EACH ROW WHEN (NEW.sessions <> 0) EXECUTE FUNCTION packages_keep_balance();
"""

DROP_BALANCE = """
DROP TRIGGER packages_packageentry_balance ON packages_packageentry;
DROP FUNCTION packages_keep_balance();
"""

# The visit is held first: of two debits for one service rendered the later one sees the earlier.
CHECK_DEBIT = """
CREATE FUNCTION packages_check_debit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    prepaid bigint;
    debited bigint;
BEGIN
    PERFORM 1 FROM appointments_visit WHERE id = NEW.visit_id FOR NO KEY UPDATE;
    SELECT coalesce(sum(quantity), 0) INTO prepaid FROM appointments_visitline
    WHERE visit_id = NEW.visit_id AND service_id = NEW.service_id AND is_prepaid;
    SELECT count(*) INTO debited FROM packages_packageentry debit
    WHERE debit.visit_id = NEW.visit_id AND debit.service_id = NEW.service_id
        AND debit.kind = 'DEBIT' AND NOT EXISTS (
            SELECT FROM packages_packageentry back WHERE back.undoes_id = debit.id
        );
    IF debited >= prepaid THEN
        RAISE EXCEPTION 'visit % has no more prepaid sessions of service %',
            NEW.visit_id, NEW.service_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'package_debit_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER packages_packageentry_debit BEFORE INSERT ON packages_packageentry
    FOR EACH ROW WHEN (NEW.kind = 'DEBIT') EXECUTE FUNCTION packages_check_debit();
"""

DROP_DEBIT = """
DROP TRIGGER packages_packageentry_debit ON packages_packageentry;
DROP FUNCTION packages_check_debit();
"""


class Migration(migrations.Migration):
    dependencies = [("packages", "0001_initial"), ("outbox", "0002_append_only")]

    operations = [
        append_only("packages_packageentry"),
        migrations.RunSQL(KEEP_BALANCE, DROP_BALANCE),
        migrations.RunSQL(CHECK_DEBIT, DROP_DEBIT),
    ]
