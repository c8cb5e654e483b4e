from collections.abc import Collection

from django.db import connection

LOCK_ROW = """
INSERT INTO appointments_patienttotals AS totals
    (patient_id, visits, no_shows, cancellations, spent, debt)
SELECT id, 0, 0, 0, 0, 0 FROM patients_patient WHERE {patients}
ON CONFLICT (patient_id) DO UPDATE SET visits = totals.visits
"""

RECOUNT = """
UPDATE appointments_patienttotals totals
SET visits = counted.visits,
    no_shows = counted.no_shows,
    cancellations = counted.cancellations,
    spent = counted.spent,
    debt = counted.debt,
    first_visit_at = counted.first_visit_at,
    last_visit_at = counted.last_visit_at,
    next_at = counted.next_at,
    booked_until_at = counted.booked_until_at
FROM (
    SELECT
        patient.id AS patient_id,
        count(*) FILTER (WHERE booking.status = 'DONE') AS visits,
        count(*) FILTER (WHERE booking.status = 'NO_SHOW') AS no_shows,
        count(*) FILTER (WHERE booking.status = 'CANCELLED') AS cancellations,
        coalesce(sum(visit.paid - visit.paid_points), 0) + coalesce((
            SELECT sum(amount) FROM appointments_prepayment WHERE patient_id = patient.id
        ), 0) AS spent,
        coalesce(sum(visit.total - visit.paid), 0) AS debt,
        min(booking.starts_at) FILTER (WHERE booking.status = 'DONE') AS first_visit_at,
        max(booking.starts_at) FILTER (WHERE booking.status = 'DONE') AS last_visit_at,
        min(booking.starts_at) FILTER (WHERE booking.status IN ('BOOKED', 'CONFIRMED')) AS next_at,
        max(booking.starts_at) FILTER (WHERE booking.status IN ('BOOKED', 'CONFIRMED'))
            AS booked_until_at
    FROM patients_patient patient
    LEFT JOIN appointments_appointment booking ON booking.patient_id = patient.id
    LEFT JOIN appointments_visit visit ON visit.appointment_id = booking.id
    WHERE patient.{patients}
    GROUP BY patient.id
) AS counted
WHERE totals.patient_id = counted.patient_id
"""


def refresh_totals(*, patient_id: int) -> None:
    """Recount a patient's totals from what they are totals of, in the caller's transaction.

    Called last by every action that changes an appointment, a visit or a payment. Two statements
    on purpose: the first waits for whoever is changing the same patient, the second then sees what
    they committed. In one statement the later would write what it counted before it waited.
    """
    patients = "id = %s"
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ROW.format(patients=patients), [patient_id])
        cursor.execute(RECOUNT.format(patients=patients), [patient_id])


def refresh_totals_of(*, patient_ids: Collection[int]) -> None:
    """The same for many patients at once, as an import changes them."""
    patients = "id = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ROW.format(patients=patients), [list(patient_ids)])
        cursor.execute(RECOUNT.format(patients=patients), [list(patient_ids)])


def refresh_all_totals() -> None:
    """Recount every patient's totals: after a load that bypassed the actions."""
    patients = "id IS NOT NULL"
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ROW.format(patients=patients))
        cursor.execute(RECOUNT.format(patients=patients))
