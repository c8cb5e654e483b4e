-- Whoever agreed to hear from us and was silent for 60 days is invited back three times and called
-- in the end; whoever books leaves at that moment. The run of a silence: 4 × the visit before it + 2.
CREATE TEMP TABLE agreed (patient_id bigint, channel text, PRIMARY KEY (patient_id, channel))
ON COMMIT DROP;

INSERT INTO agreed
SELECT patient_id, channel
FROM (
    SELECT DISTINCT ON (patient_id, channel) patient_id, channel, action
    FROM patients_consent
    WHERE purpose = 'MARKETING' AND patient_id BETWEEN %(first_patient)s AND %(last_patient)s
    ORDER BY patient_id, channel, id DESC
) AS newest
WHERE action = 'GIVEN';

CREATE TEMP TABLE reach (patient_id bigint PRIMARY KEY, channel text, address text) ON COMMIT DROP;

INSERT INTO reach
SELECT DISTINCT ON (c.patient_id) c.patient_id, agreed.channel, c.value
FROM patients_contactpoint c
JOIN agreed ON agreed.patient_id = c.patient_id
    AND agreed.channel = CASE c.kind WHEN 'PHONE' THEN 'SMS' ELSE 'EMAIL' END
WHERE c.patient_id BETWEEN %(first_patient)s AND %(last_patient)s AND c.is_valid
ORDER BY c.patient_id, agreed.channel DESC, c.is_primary DESC, c.id;

CREATE TEMP TABLE silence ON COMMIT DROP AS
SELECT visit.id, visit.id * 4 + 2 AS run, visit.patient_id, visit.starts_at, visit.back_at,
    p.first_name || ' ' || p.middle_name AS name, reach.channel, reach.address
FROM (
    SELECT id, patient_id, starts_at, status,
        lead(created_at) OVER (PARTITION BY patient_id ORDER BY starts_at) AS back_at
    FROM appointments_appointment
    WHERE id BETWEEN %(first)s AND %(last)s
) AS visit
JOIN reach USING (patient_id)
JOIN patients_patient p ON p.id = visit.patient_id AND p.is_reachable
WHERE visit.status = 'DONE'
    AND coalesce(visit.back_at, %(now)s) > visit.starts_at + interval '59 days';

ANALYZE silence;

CREATE TEMP TABLE way ON COMMIT DROP AS
SELECT s.*, step.position, step.template_code, step.lives_for,
    (date_trunc('day', s.starts_at AT TIME ZONE %(zone)s) + step.offset + step.at_time)
        AT TIME ZONE %(zone)s AS due_at,
    step.version_id
FROM silence s
JOIN campaigns_scenario scenario ON scenario.code = 'reactivation'
JOIN campaigns_scenarioversion version ON version.scenario_id = scenario.id
JOIN campaigns_step step ON step.version_id = version.id;

INSERT INTO campaigns_run
    (id, scenario_id, version_id, patient_id, subject_id, subject_mark, anchor_at, status,
     next_position, next_at, left_reason, started_at, ended_at)
SELECT run, scenario_id, version_id, patient_id, id, '', starts_at,
    CASE WHEN back_at < until_at THEN 'LEFT' WHEN ahead IS NULL THEN 'FINISHED' ELSE 'ACTIVE' END,
    least(taken + 1, 4),
    CASE WHEN back_at < until_at THEN NULL ELSE ahead END,
    CASE WHEN back_at < until_at THEN 'booked' ELSE '' END,
    since_at,
    CASE WHEN back_at < until_at THEN back_at WHEN ahead IS NULL THEN until_at END
FROM (
    SELECT w.run, v.scenario_id, w.version_id, w.patient_id, w.id, w.starts_at, w.back_at,
        min(w.due_at) AS since_at, max(w.due_at) AS until_at,
        count(*) FILTER (WHERE w.due_at <= least(%(now)s, w.back_at)) AS taken,
        min(w.due_at) FILTER (WHERE w.due_at > %(now)s) AS ahead
    FROM way w JOIN campaigns_scenarioversion v ON v.id = w.version_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7
) AS run
WHERE taken > 0
ORDER BY run;

INSERT INTO messaging_message
    (key, kind, patient_id, purpose, channel, language, address, subject, body, unsubscribe_url,
     zone, subject_kind, subject_id, subject_mark, send_at, expires_at, status, reason, attempts,
     provider_id, is_possible_duplicate, created_at, sent_at)
SELECT
    'run:' || w.run || ':' || w.position, w.template_code, w.patient_id, 'MARKETING', w.channel, 'ru',
    w.address, CASE w.channel WHEN 'EMAIL' THEN text.subject ELSE '' END,
    CASE w.channel
        WHEN 'EMAIL' THEN 'Здравствуйте, ' || w.name || E'!\n\n' || text.body
            || E'\n\nНаш телефон: ' || %(branch_phone)s || '. Адрес: ' || %(branch_address)s || '.'
        ELSE text.sms || %(branch_phone)s || E'\nЕсть противопоказания. Нужна консультация специалиста.'
            || E'\nОтписаться: ' || link.address
    END,
    'https://' || link.address, %(zone)s, 'campaigns.run', w.run, w.position::text, w.due_at,
    w.due_at + w.lives_for, CASE w.channel WHEN 'EMAIL' THEN 'SENT' ELSE 'DELIVERED' END, '', 1,
    'demo-run-' || w.run || '-' || w.position, false, w.due_at, w.due_at
FROM way w
JOIN (VALUES
    (1, 'Будем рады видеть вас снова', 'Мы давно не виделись. Запишитесь в удобное для вас время.',
        'Ждём вас снова: '),
    (2, 'Подберём удобное время', 'Принимаем утром, днём и вечером и подберём время под ваш график.',
        'Подберём время: '),
    (3, 'Мы рядом, если понадобимся', 'Это последнее напоминание: больше не побеспокоим.',
        'Мы рядом: ')
) AS text (position, subject, body, sms) USING (position)
CROSS JOIN LATERAL (
    SELECT 'clinic.example.org/u/' || left(md5('u' || w.patient_id), 22) || '/' AS address
) AS link
WHERE w.due_at <= least(%(now)s, w.back_at)
ORDER BY w.due_at, w.run;

DROP TABLE agreed, reach, silence, way;
