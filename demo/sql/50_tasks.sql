-- Reception calls whoever did not come, or asked for another time; the last days are still to do.
INSERT INTO worklist_task
    (kind, patient_id, branch_id, role, note, source, subject_kind, subject_id, due_at, status,
     attempts, result, created_at, closed_at, closed_by_id)
SELECT
    t.kind, t.patient_id, %(branch)s, 'ADMINISTRATOR', t.note, t.source, t.subject_kind, t.subject_id,
    t.opened_at + interval '1 day', CASE WHEN t.closed_at IS NULL THEN 'OPEN' ELSE 'DONE' END,
    CASE WHEN t.closed_at IS NULL OR t.kind = 'BOOK_COURSE' THEN 0 ELSE 1 END,
    CASE WHEN t.closed_at IS NULL THEN '' WHEN t.kind = 'BOOK_COURSE' THEN 'Записали' WHEN t.kind = 'CALL_BACK' THEN pg_temp.pick(%(win_back_results)s, t.subject_id, 44)
        ELSE pg_temp.pick(%(call_results)s, t.subject_id, 40) END,
    t.opened_at, t.closed_at, CASE WHEN t.closed_at IS NULL THEN NULL ELSE %(cashier)s END
FROM (
    SELECT
        'CALL_NO_SHOW' AS kind, a.patient_id, 'no-show:' || a.id AS source,
        'appointments.appointment' AS subject_kind, a.id AS subject_id,
        a.starts_at + interval '30 minutes' AS opened_at,
        CASE WHEN a.starts_at < %(now)s - interval '2 days'
            THEN a.starts_at + (1 + pg_temp.dice(a.id, 41) * 30) * interval '1 hour' END AS closed_at,
        '' AS note
    FROM appointments_appointment a
    WHERE a.id BETWEEN %(first)s AND %(last)s AND a.status = 'NO_SHOW'
        AND a.starts_at + interval '30 minutes' < %(now)s
    UNION ALL
    SELECT 'CALL_MOVE', a.patient_id, 'move:' || a.id, 'appointments.appointment', a.id,
        %(now)s - (10 + pg_temp.dice(a.id, 42) * 300) * interval '1 minute', NULL, ''
    FROM appointments_appointment a
    WHERE a.id BETWEEN %(first)s AND %(last)s AND a.wants_move
    UNION ALL
    SELECT 'CALL_BACK', r.patient_id, 'run:' || r.id || ':4', 'campaigns.run', r.id, r.ended_at,
        CASE WHEN r.ended_at < %(now)s - interval '3 days'
            THEN r.ended_at + (1 + pg_temp.dice(r.id, 45) * 50) * interval '1 hour' END,
        'Давно не был. Спросить о самочувствии, предложить удобное время.'
    FROM campaigns_run r JOIN campaigns_scenario s ON s.id = r.scenario_id
    WHERE s.code = 'reactivation' AND r.status = 'FINISHED'
        AND r.patient_id BETWEEN %(first_patient)s AND %(last_patient)s
    UNION ALL
    SELECT 'BOOK_COURSE', p.patient_id, 'line:' || l.id, 'prescriptions.line', l.id,
        l.handed_over_at, CASE
            WHEN l.status NOT IN ('PRESCRIBED', 'HANDED_OVER')
            THEN l.handed_over_at + pg_temp.dice(l.id, 43) * interval '20 minutes' END,
        s.name || CASE
            WHEN l.is_repeat_exam THEN ', повторный осмотр'
            WHEN l.sessions %% 10 = 1 AND l.sessions <> 11 THEN ', ' || l.sessions || ' сеанс'
            WHEN l.sessions %% 10 BETWEEN 2 AND 4 AND l.sessions NOT BETWEEN 12 AND 14
            THEN ', ' || l.sessions || ' сеанса'
            ELSE ', ' || l.sessions || ' сеансов' END
    FROM prescriptions_prescriptionline l
    JOIN prescriptions_prescription p ON p.id = l.prescription_id
    JOIN clinic_service s ON s.id = l.service_id
    WHERE p.id BETWEEN %(first_course)s AND %(last_course)s AND l.handed_over_at IS NOT NULL
) AS t
ORDER BY t.opened_at, t.source;
