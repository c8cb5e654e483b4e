-- The reminder a day ahead and, after the visit, the question how it went. Those of the last month
-- belong to runs of the scenarios, which `32_runs.sql` writes: 4 × the visit, and the next number.
CREATE TEMP TABLE reach ON COMMIT DROP AS
SELECT p.id AS patient_id, p.first_name || ' ' || p.middle_name AS name, c.channel, c.address
FROM patients_patient p
CROSS JOIN LATERAL (
    SELECT CASE kind WHEN 'PHONE' THEN 'SMS' ELSE 'EMAIL' END AS channel, value AS address
    FROM patients_contactpoint
    WHERE patient_id = p.id AND is_valid
    ORDER BY (kind = 'EMAIL') = (p.channel = 'EMAIL') DESC, is_primary DESC, id
    LIMIT 1
) AS c
WHERE p.id BETWEEN %(first_patient)s AND %(last_patient)s;

INSERT INTO messaging_message
    (key, kind, patient_id, purpose, channel, language, address, subject, body, unsubscribe_url,
     zone, subject_kind, subject_id, subject_mark, send_at, expires_at, status, reason, attempts,
     provider_id, is_possible_duplicate, created_at, sent_at)
SELECT
    'demo:' || m.kind || ':' || m.id, m.kind, m.patient_id, 'SERVICE', m.channel, 'ru', m.address,
    CASE m.channel WHEN 'EMAIL' THEN m.subject ELSE '' END,
    CASE m.channel
        WHEN 'EMAIL' THEN 'Здравствуйте, ' || m.name || E'!\n\n' || m.body || E'\n\n[' || m.button
            || '](https://' || m.link || ')'
        ELSE m.text || m.link
    END,
    '', %(zone)s,
    CASE WHEN m.send_at > %(now)s - interval '30 days'
        THEN 'campaigns.run' ELSE 'appointments.appointment' END,
    CASE WHEN m.send_at > %(now)s - interval '30 days' THEN m.run ELSE m.id END,
    CASE WHEN m.send_at > %(now)s - interval '30 days' THEN '1' ELSE m.mark END,
    m.send_at, m.expires_at,
    CASE WHEN m.luck >= 0.98 THEN 'FAILED' WHEN m.luck >= 0.965 OR m.channel = 'EMAIL' THEN 'SENT'
        ELSE 'DELIVERED' END,
    CASE WHEN m.luck < 0.98 THEN '' ELSE 'bad_address' END, 1,
    'demo-' || m.kind || '-' || m.id, false, m.send_at, m.send_at
FROM (
    SELECT a.id, a.id * 4 AS run, a.patient_id, r.name, r.channel, r.address,
        'appointment_reminder' AS kind,
        'Ждём вас ' || to_char(a.starts_at AT TIME ZONE %(zone)s, 'DD.MM в HH24:MI') AS subject,
        'Напоминаем о вашей записи: ' || to_char(a.starts_at AT TIME ZONE %(zone)s,
            'DD.MM, HH24:MI') || E'.\nАдрес: ' || %(branch_address)s || '.' AS body,
        'Ответить' AS button,
        to_char(a.starts_at AT TIME ZONE %(zone)s, '"Ждём вас" DD.MM "в" HH24:MI". Ответить: "')
            AS text,
        'clinic.example.org/v/' || left(md5('v' || a.id), 22) || '/' AS link,
        to_char(a.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') AS mark,
        a.starts_at - interval '24 hours' AS send_at, a.starts_at - interval '2 hours' AS expires_at,
        pg_temp.dice(a.id, 20) AS luck
    FROM appointments_appointment a JOIN reach r USING (patient_id)
    WHERE a.id BETWEEN %(first)s AND %(last)s
        AND a.created_at < a.starts_at - interval '24 hours'
        AND a.starts_at - interval '24 hours' < %(now)s
        AND (a.status <> 'CANCELLED' OR pg_temp.dice(a.id, 21) < 0.5)
    UNION ALL
    SELECT b.id, b.id * 4 + 1, b.patient_id, r.name, r.channel, r.address, 'review_request',
        'Как прошёл ваш визит?',
        'Спасибо, что были у нас. Оцените визит от 0 до 10 — это займёт минуту.',
        'Оценить визит', 'Как прошёл визит? Оцените: ',
        'clinic.example.org/r/' || left(md5('r' || b.id), 22) || '/', '',
        b.finished_at + interval '2 hours', b.finished_at + interval '2 days', pg_temp.dice(b.id, 22)
    FROM bill b JOIN reach r USING (patient_id)
    WHERE b.finished_at + interval '2 hours' < %(now)s
) AS m
ORDER BY m.send_at, m.id, m.kind;

DROP TABLE reach;
