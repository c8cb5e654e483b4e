-- Where the newcomers of the year came from: a call or a form, answered, booked.
INSERT INTO intake_request
    (kind, status, patient_id, name, phone, branch_id, source_id, service_id, comment, utm,
     appointment_id, loss_reason, key, created_at, answered_at, closed_at)
SELECT
    f.kind, 'BOOKED', f.patient_id, f.first_name, f.phone, %(branch)s, f.source_id, f.service_id,
    '',
    CASE WHEN f.kind = 'FORM' AND f.code = 'direct'
        THEN jsonb_build_object('utm_source', 'yandex', 'utm_medium', 'cpc',
            'utm_campaign', pg_temp.pick(ARRAY['spina', 'massazh', 'ortoped'], f.id, 51))
        ELSE '{}' END,
    f.id, '', 'demo-' || f.id, f.asked_at, f.asked_at + f.wait, f.booked_at
FROM (
    SELECT a.id, a.patient_id, a.service_id, p.first_name, c.value AS phone, p.source_id, s.code,
        a.created_at AS booked_at,
        CASE
            WHEN s.code IN ('direct', 'site', 'vk') AND pg_temp.dice(a.id, 50) < 0.6 THEN 'FORM'
            WHEN s.code = 'signboard' THEN 'WALK_IN'
            WHEN s.code = 'vk' THEN 'CHAT'
            ELSE 'CALL'
        END AS kind,
        a.created_at - (6 + pg_temp.dice(a.id, 52) * 100) * interval '1 minute' AS asked_at,
        (1 + pg_temp.dice(a.id, 53) ^ 2 * 5) * interval '1 minute' AS wait
    FROM (
        SELECT DISTINCT ON (patient_id) id, patient_id, service_id, created_at
        FROM appointments_appointment
        WHERE id BETWEEN %(first)s AND %(last)s
        ORDER BY patient_id, created_at, id
    ) AS a
    JOIN patients_patient p ON p.id = a.patient_id
    JOIN patients_source s ON s.id = p.source_id
    LEFT JOIN patients_contactpoint c ON c.patient_id = p.id AND c.kind = 'PHONE' AND c.is_primary
    WHERE p.created_at > %(now)s - interval '365 days'
) AS f
ORDER BY f.asked_at, f.id;
