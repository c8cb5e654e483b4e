from django.db import migrations

# The locks are those that booking takes (appointments.actions.locks), in the same order. Whoever
# waited for them sees in the queries after them what the other has committed.
MEET_HOLDS = """
CREATE OR REPLACE FUNCTION appointments_meet_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(key)
    FROM (
        SELECT (1::bigint << 48) + NEW.employee_id AS key
        UNION ALL SELECT (2::bigint << 48) + NEW.room_id WHERE NEW.room_id IS NOT NULL
        UNION ALL SELECT (4::bigint << 48) + NEW.device_id WHERE NEW.device_id IS NOT NULL
        ORDER BY key
    ) AS keys;
    IF EXISTS (
        SELECT FROM appointments_hold
        WHERE employee_id = NEW.employee_id AND occupied && NEW.occupied
          AND expires_at > clock_timestamp()
    ) OR EXISTS (
        SELECT FROM appointments_hold
        WHERE room_id = NEW.room_id AND room_unit = NEW.room_unit
          AND room_occupied && NEW.room_occupied AND room_id IS NOT NULL
          AND expires_at > clock_timestamp()
    ) OR EXISTS (
        SELECT FROM appointments_hold
        WHERE device_id = NEW.device_id AND device_unit = NEW.device_unit
          AND room_occupied && NEW.room_occupied AND device_id IS NOT NULL
          AND expires_at > clock_timestamp()
    ) THEN
        RAISE EXCEPTION 'appointment_one_per_hold: held by one, booked by another'
            USING ERRCODE = 'exclusion_violation';
    END IF;
    {closures}
    RETURN NULL;
END $$
"""
MEET_CLOSURES = """
    IF EXISTS (
        SELECT FROM clinic_closure
        WHERE room_id = NEW.room_id AND room_id IS NOT NULL
          AND tstzrange(starts_at, ends_at, '[)') && NEW.room_occupied
    ) OR EXISTS (
        SELECT FROM clinic_closure
        WHERE device_id = NEW.device_id AND device_id IS NOT NULL
          AND tstzrange(starts_at, ends_at, '[)') && NEW.room_occupied
    ) THEN
        RAISE EXCEPTION 'appointment_one_per_open_place: the room or the device is closed'
            USING ERRCODE = 'exclusion_violation';
    END IF;
"""

# A closure does not look at what is booked: those patients stay booked until somebody decides about
# each. It only waits for whoever is booking the place, and whoever books next waits for it.
WAIT = """
CREATE FUNCTION closures_wait_for_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(
        CASE WHEN NEW.room_id IS NULL
        THEN (4::bigint << 48) + NEW.device_id
        ELSE (2::bigint << 48) + NEW.room_id END
    );
    RETURN NEW;
END $$;

CREATE TRIGGER closure_waits_for_booking BEFORE INSERT OR UPDATE ON clinic_closure
FOR EACH ROW EXECUTE FUNCTION closures_wait_for_booking();
"""
UNDO = """
DROP TRIGGER closure_waits_for_booking ON clinic_closure;
DROP FUNCTION closures_wait_for_booking();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0009_bundle"),
        ("clinic", "0008_rotations_and_closures"),
    ]

    operations = [
        migrations.RunSQL(
            MEET_HOLDS.format(closures=MEET_CLOSURES), MEET_HOLDS.format(closures="")
        ),
        migrations.RunSQL(WAIT, UNDO),
    ]
