-- The runs behind the reminders and questions of the last month: nobody is written to twice when
-- the scenarios look for the first time.
INSERT INTO campaigns_run
    (id, scenario_id, version_id, patient_id, subject_id, subject_mark, anchor_at, status,
     next_position, next_at, left_reason, started_at, ended_at)
SELECT m.subject_id, v.scenario_id, v.id, a.patient_id, a.id,
    CASE m.kind WHEN 'appointment_reminder'
        THEN extract(epoch FROM a.starts_at)::bigint::text ELSE '' END,
    CASE m.kind WHEN 'appointment_reminder' THEN a.starts_at ELSE b.finished_at END,
    'FINISHED', 1, NULL, '', m.created_at, m.created_at
FROM messaging_message m
JOIN appointments_appointment a ON a.id = m.subject_id / 4
LEFT JOIN bill b ON b.id = a.id
JOIN campaigns_scenario s ON s.code = CASE m.kind
    WHEN 'appointment_reminder' THEN 'appointment-reminder' ELSE 'review-request' END
JOIN campaigns_scenarioversion v ON v.scenario_id = s.id
WHERE m.subject_kind = 'campaigns.run' AND m.kind IN ('appointment_reminder', 'review_request')
    AND m.subject_id BETWEEN %(first)s * 4 AND %(last)s * 4 + 3
ORDER BY m.subject_id;
