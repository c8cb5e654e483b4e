-- Who waits for a time, and the freed times that the list has filled.
DROP TABLE IF EXISTS pg_temp.waiting, pg_temp.rescue;

CREATE TEMP TABLE waiting ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('waitlist_entry', 'id')) AS id, w.*
FROM (
    (
        SELECT DISTINCT ON (a.patient_id, a.service_id)
            a.patient_id, a.service_id,
            CASE WHEN pg_temp.dice(a.id, 130) < 0.6 THEN a.employee_id END AS employee_id,
            a.id AS earlier_than_id, '{}'::int[] AS weekdays, time '00:00' AS from_clock,
            (a.starts_at AT TIME ZONE %(zone)s)::date AS until_on,
            a.created_at + interval '2 minutes' AS created_at
        FROM appointments_appointment a
        WHERE a.id BETWEEN %(first)s AND %(last)s AND a.status IN ('BOOKED', 'CONFIRMED')
            AND a.starts_at > %(now)s + interval '5 days' AND a.created_at < %(now)s - interval '1 hour'
            AND a.bundle IS NULL AND pg_temp.dice(a.id, 131) < 0.07
        ORDER BY a.patient_id, a.service_id, a.id
    )
    UNION ALL
    (
        SELECT DISTINCT ON (a.patient_id)
            a.patient_id, a.service_id, NULL, NULL,
            CASE WHEN pg_temp.dice(a.id, 132) < 0.5 THEN '{1,2,3,4,5}' ELSE '{}' END::int[],
            CASE WHEN pg_temp.dice(a.id, 132) < 0.5 THEN time '17:00' ELSE time '00:00' END,
            (%(now)s AT TIME ZONE %(zone)s)::date + 7 + (pg_temp.dice(a.id, 133) * 21)::int,
            %(now)s - (1 + pg_temp.dice(a.id, 134) * 100) * interval '1 hour'
        FROM appointments_appointment a
        JOIN clinic_service s ON s.id = a.service_id AND s.is_active
        WHERE a.id BETWEEN %(first)s AND %(last)s AND a.status = 'DONE'
            AND a.starts_at BETWEEN %(now)s - interval '60 days' AND %(now)s - interval '7 days'
            AND pg_temp.dice(a.id, 135) < 0.01
            AND NOT EXISTS (
                SELECT FROM appointments_appointment other
                WHERE other.patient_id = a.patient_id AND other.starts_at > %(now)s
            )
        ORDER BY a.patient_id, a.id
    )
) AS w
ORDER BY w.created_at, w.patient_id;

INSERT INTO waitlist_entry
    (id, patient_id, service_id, employee_id, position, earlier_than_id, weekdays, from_clock,
     until_on, note, origin, status, end_reason, key, created_at, created_by_id)
SELECT id, patient_id, service_id, employee_id, '', earlier_than_id, weekdays, from_clock, until_on,
    '', 'DESK', 'WAITING', '', 'demo-' || id, created_at, %(cashier)s
FROM waiting
ON CONFLICT DO NOTHING;

-- A visit booked shortly before it began took the place of one that had been moved away.
CREATE TEMP TABLE rescue ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('waitlist_entry', 'id')) AS entry_id,
    nextval(pg_get_serial_sequence('waitlist_opening', 'id')) AS opening_id, r.*
FROM (
    SELECT b.id, b.patient_id, b.service_id, b.employee_id, b.branch_id, b.starts_at, b.ends_at, b.price,
        b.created_at AS booked_at, gone.id AS gone_id, gone.price AS gone_price,
        b.created_at - (2 + pg_temp.dice(b.id, 140) * 11) * interval '1 minute' AS offered_at
    FROM appointments_appointment b
    JOIN LATERAL (
        SELECT later.id, later.price
        FROM appointments_appointment later
        WHERE later.employee_id = b.employee_id AND later.service_id = b.service_id
            AND later.patient_id <> b.patient_id AND later.starts_at > b.starts_at + interval '1 day'
            AND later.created_at < b.created_at - interval '1 hour'
        ORDER BY later.starts_at, later.id
        LIMIT 1
    ) AS gone ON true
    WHERE b.id BETWEEN %(first)s AND %(last)s AND b.status IN ('DONE', 'CONFIRMED', 'BOOKED')
        AND b.bundle IS NULL
        AND b.starts_at BETWEEN %(now)s - interval '40 days' AND %(now)s + interval '3 days'
        AND b.created_at BETWEEN b.starts_at - interval '4 days' AND b.starts_at - interval '3 hours'
        AND b.created_at < %(now)s AND pg_temp.dice(b.id, 141) < 0.06
) AS r
ORDER BY r.booked_at, r.id;

INSERT INTO waitlist_entry
    (id, patient_id, service_id, position, weekdays, from_clock, until_on, note, origin, status,
     end_reason, appointment_id, key, created_at, created_by_id, ended_at)
SELECT entry_id, patient_id, service_id, '', '{}', time '00:00', starts_at::date + 7, '', 'DESK',
    'BOOKED', '', id, 'demo-' || entry_id,
    booked_at - (1 + pg_temp.dice(id, 142) * 9) * interval '1 day', %(cashier)s, booked_at
FROM rescue;

INSERT INTO waitlist_opening
    (id, employee_id, branch_id, starts_at, ends_at, cause, appointment_id, price, status, freed_at,
     closed_at)
SELECT opening_id, employee_id, branch_id, starts_at, ends_at, 'MOVED', gone_id, gone_price, 'FILLED',
    offered_at - (1 + pg_temp.dice(id, 143) * 4) * interval '1 minute', booked_at
FROM rescue;

INSERT INTO waitlist_offer
    (opening_id, entry_id, employee_id, branch_id, starts_at, ends_at, price, points, status,
     offered_at, expires_at, answered_at, by_patient, appointment_id)
SELECT opening_id, entry_id, employee_id, branch_id, starts_at, ends_at, price, '{}', 'ACCEPTED',
    offered_at, offered_at + interval '15 minutes', booked_at, pg_temp.dice(id, 144) < 0.7, id
FROM rescue
ORDER BY opening_id;

UPDATE appointments_appointment a
SET key = 'waitlist:' || r.opening_id || ':' || r.entry_id
FROM rescue r
WHERE a.id = r.id;

-- And what was cancelled too late, or what nobody waited for.
INSERT INTO waitlist_opening
    (employee_id, branch_id, starts_at, ends_at, cause, appointment_id, price, status, freed_at,
     closed_at)
SELECT employee_id, branch_id, starts_at, ends_at, 'CANCELLED', id, price,
    CASE WHEN freed_at > starts_at - interval '2 hours' THEN 'PASSED' ELSE 'UNWANTED' END,
    freed_at, starts_at - interval '1 hour'
FROM (
    SELECT *, least(
        created_at + pg_temp.dice(id, 62) * (starts_at - created_at), starts_at - interval '1 hour'
    ) AS freed_at
    FROM appointments_appointment
    WHERE id BETWEEN %(first)s AND %(last)s AND status = 'CANCELLED'
        AND starts_at BETWEEN %(now)s - interval '40 days' AND %(now)s
        AND pg_temp.dice(id, 145) < 0.9
) AS cancelled
ORDER BY freed_at, id;
