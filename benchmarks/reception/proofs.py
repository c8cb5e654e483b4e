"""What the database says after many booked at once, by statements that share nothing with booking.

Each counts what must not be there; none asks a constraint, a lock or a query of the product.
"""

from typing import Any

from appointments.models import LIVE
from clinic.rows import read_rows

OVERLAPS = """
SELECT
    count(*) FILTER (
        WHERE one.employee_id = other.employee_id AND one.occupied && other.occupied
    ) AS employees,
    count(*) FILTER (
        WHERE one.room_id = other.room_id AND one.room_unit = other.room_unit
          AND one.room_occupied && other.room_occupied
    ) AS rooms,
    count(*) FILTER (
        WHERE one.device_id = other.device_id AND one.device_unit = other.device_unit
          AND one.room_occupied && other.room_occupied
    ) AS devices,
    count(*) FILTER (
        WHERE one.patient_id = other.patient_id
          AND tstzrange(one.starts_at, one.ends_at) && tstzrange(other.starts_at, other.ends_at)
    ) AS patients
FROM appointments_appointment one
JOIN appointments_appointment other ON one.id < other.id AND one.occupied && other.occupied
WHERE one.status = ANY (%(live)s) AND other.status = ANY (%(live)s)
"""

ON_HELD_TIME = """
SELECT count(*) AS found
FROM appointments_hold hold
JOIN appointments_appointment appointment ON hold.occupied && appointment.occupied
WHERE appointment.status = ANY (%(live)s) AND hold.expires_at > %(now)s
  AND (
      hold.employee_id = appointment.employee_id
      OR hold.room_id = appointment.room_id AND hold.room_unit = appointment.room_unit
         AND hold.room_occupied && appointment.room_occupied
      OR hold.device_id = appointment.device_id AND hold.device_unit = appointment.device_unit
         AND hold.room_occupied && appointment.room_occupied
  )
"""

# Each change makes one version and writes one fact; the last fact says how the row stands.
LOST_CHANGES = """
SELECT count(*) AS found
FROM appointments_appointment appointment
LEFT JOIN LATERAL (
    SELECT count(*) AS changes,
        (array_agg(name ORDER BY id DESC))[1] AS last,
        (array_agg(payload ->> 'to_start' ORDER BY id DESC)
            FILTER (WHERE name = 'appointments.AppointmentMoved'))[1]::timestamptz AS moved_to
    FROM outbox_event
    WHERE starts_with(name, 'appointments.Appointment')
      AND patient_id = appointment.patient_id
      AND (payload ->> 'appointment_id')::bigint = appointment.id
) fact ON true
WHERE fact.changes <> appointment.version
   OR (fact.last = 'appointments.AppointmentCancelled') <> (appointment.status = 'CANCELLED')
   OR fact.moved_to <> appointment.starts_at
"""

LOST_BOOKINGS = """
SELECT count(*) AS found
FROM unnest(%(keys)s::text[]) AS told (key)
WHERE NOT EXISTS (SELECT FROM appointments_appointment WHERE key = told.key)
"""

# Refused though doctor, patient and a room are free: the set of the booked could be larger.
REFUSED_THOUGH_FREE = """
SELECT count(*) AS found
FROM unnest(%(employees)s::bigint[], %(patients)s::bigint[], %(starts)s::timestamptz[])
    AS wish (employee_id, patient_id, starts_at)
CROSS JOIN LATERAL (
    SELECT tstzrange(wish.starts_at, wish.starts_at + %(lasts)s) AS span
) wished
WHERE NOT EXISTS (
    SELECT FROM appointments_appointment
    WHERE status = ANY (%(live)s) AND occupied && span
      AND (employee_id = wish.employee_id OR patient_id = wish.patient_id)
) AND EXISTS (
    SELECT FROM clinic_service_rooms offered
    WHERE offered.service_id = %(service_id)s AND NOT EXISTS (
        SELECT FROM appointments_appointment
        WHERE status = ANY (%(live)s) AND room_occupied && span AND room_id = offered.room_id
    )
)
"""


def count_overlaps() -> dict[str, int]:
    """Pairs of standing appointments that share an employee, a place or a patient, by which."""
    (counts,) = read_rows(OVERLAPS, {"live": list(LIVE)})
    return counts


def count_found(statement: str, **parameters: Any) -> int:
    """Return what one of the other statements here counts."""
    (counts,) = read_rows(statement, {"live": list(LIVE)} | parameters)
    return int(counts["found"])
