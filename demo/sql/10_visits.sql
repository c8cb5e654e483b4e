TRUNCATE bill;

INSERT INTO bill
SELECT
    id, patient_id, finished_at, price, discount, extra, price - discount + extra,
    pg_temp.dice(id, 5) >= 0.04
FROM (
    SELECT
        a.id, a.patient_id, a.price,
        least(a.ends_at + (pg_temp.dice(a.id, 1) * 8 - 3) * interval '1 minute', %(now)s)
            AS finished_at,
        CASE WHEN pg_temp.dice(a.id, 2) < 0.08 THEN round(a.price * 0.1, 2) ELSE 0 END AS discount,
        CASE WHEN pg_temp.dice(a.id, 3) < 0.05 AND a.service_id <> %(extra_service)s
            THEN %(extra_price)s ELSE 0 END AS extra
    FROM appointments_appointment a
    WHERE a.id BETWEEN %(first)s AND %(last)s AND a.status = 'DONE'
) AS done;

-- A visit has the id of its appointment, its lines twice that: no step waits for another's ids.
INSERT INTO appointments_visit
    (id, appointment_id, arrived_at, started_at, finished_at, total, paid, paid_points)
SELECT
    a.id, a.id,
    least(a.starts_at, %(now)s) - pg_temp.dice(a.id, 6) * interval '15 minutes',
    CASE WHEN a.status <> 'ARRIVED'
        THEN least(a.starts_at + pg_temp.dice(a.id, 7) * interval '6 minutes', %(now)s) END,
    b.finished_at,
    coalesce(b.total, 0),
    CASE WHEN b.is_paid_at_once THEN b.total ELSE 0 END,
    0
FROM appointments_appointment a LEFT JOIN bill b ON b.id = a.id
WHERE a.id BETWEEN %(first)s AND %(last)s AND a.status IN ('ARRIVED', 'IN_PROGRESS', 'DONE')
ORDER BY a.id;

INSERT INTO appointments_visitline (id, visit_id, service_id, quantity, price, discount)
SELECT a.id * 2, a.id, a.service_id, 1, a.price, b.discount
FROM bill b JOIN appointments_appointment a ON a.id = b.id
ORDER BY a.id;

INSERT INTO appointments_visitline (id, visit_id, service_id, quantity, price, discount)
SELECT b.id * 2 + 1, b.id, %(extra_service)s, 1, b.extra, 0
FROM bill b
WHERE b.extra > 0
ORDER BY b.id;
