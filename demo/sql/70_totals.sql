-- The rollup row of each patient, as `appointments.actions.refresh_totals` would leave it.
INSERT INTO appointments_patienttotals
    (patient_id, visits, no_shows, cancellations, spent, debt, first_visit_at, last_visit_at, next_at,
     booked_until_at)
SELECT
    p.id,
    count(*) FILTER (WHERE a.status = 'DONE'),
    count(*) FILTER (WHERE a.status = 'NO_SHOW'),
    count(*) FILTER (WHERE a.status = 'CANCELLED'),
    coalesce(sum(v.paid - v.paid_points), 0) + coalesce((
        SELECT sum(m.amount) FROM appointments_prepayment m WHERE m.patient_id = p.id
    ), 0),
    coalesce(sum(v.total - v.paid), 0),
    min(a.starts_at) FILTER (WHERE a.status = 'DONE'),
    max(a.starts_at) FILTER (WHERE a.status = 'DONE'),
    min(a.starts_at) FILTER (WHERE a.status IN ('BOOKED', 'CONFIRMED')),
    max(a.starts_at) FILTER (WHERE a.status IN ('BOOKED', 'CONFIRMED'))
FROM patients_patient p
LEFT JOIN appointments_appointment a ON a.patient_id = p.id
LEFT JOIN appointments_visit v ON v.appointment_id = a.id
WHERE p.id BETWEEN %(first_patient)s AND %(last_patient)s
GROUP BY p.id
ORDER BY p.id;

-- Whose cards reception opened lately.
INSERT INTO patients_accessentry (patient_id, actor_id, action, place, ip, at)
SELECT a.patient_id, %(cashier)s, 'OPENED', 'desk:card', '127.0.0.1',
    v.arrived_at + interval '1 minute'
FROM appointments_appointment a JOIN appointments_visit v ON v.appointment_id = a.id
WHERE a.id BETWEEN %(first)s AND %(last)s AND v.arrived_at > %(now)s - interval '3 days'
    AND v.arrived_at + interval '1 minute' <= %(now)s
ORDER BY v.arrived_at, a.id;
