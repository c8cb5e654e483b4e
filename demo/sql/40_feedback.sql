-- One in five answers; an unhappy one opens a case that Viktor settles within days.
INSERT INTO feedback_answer (id, patient_id, appointment_id, score, comment, answered_at)
SELECT id, patient_id, id, score,
    CASE
        WHEN pg_temp.dice(id, 31) < 0.45 THEN ''
        WHEN score >= 9 THEN pg_temp.pick(%(praise)s, id, 32)
        WHEN score >= 7 THEN pg_temp.pick(%(remarks)s, id, 32)
        ELSE pg_temp.pick(%(complaints)s, id, 32)
    END,
    answered_at
FROM (
    SELECT b.id, b.patient_id,
        b.finished_at + interval '2 hours'
            + pg_temp.dice(b.id, 33) ^ 3 * interval '2 days' AS answered_at,
        CASE
            WHEN pg_temp.dice(b.id, 34) < 0.48 THEN 10
            WHEN pg_temp.dice(b.id, 34) < 0.72 THEN 9
            WHEN pg_temp.dice(b.id, 34) < 0.84 THEN 8
            WHEN pg_temp.dice(b.id, 34) < 0.92 THEN 7
            ELSE floor(pg_temp.dice(b.id, 35) * 7)::int
        END AS score
    FROM bill b
    WHERE pg_temp.dice(b.id, 30) < 0.2
) AS answer
WHERE answered_at < %(now)s
ORDER BY id;

INSERT INTO feedback_case
    (answer_id, patient_id, branch_id, owner_id, status, due_at, resolution, opened_at, resolved_at)
SELECT id, patient_id, %(branch)s,
    CASE WHEN state <> 'OPEN' THEN %(manager)s::bigint END,
    state, answered_at + interval '24 hours',
    CASE state WHEN 'RESOLVED' THEN pg_temp.pick(%(resolutions)s, id, 36) ELSE '' END,
    answered_at,
    CASE state WHEN 'RESOLVED' THEN least(answered_at + (2 + pg_temp.dice(id, 37) * 26) * interval '1 hour',
            %(now)s)
        END
FROM (
    SELECT id, patient_id, answered_at,
        CASE
            WHEN answered_at < %(now)s - interval '6 days' THEN 'RESOLVED'
            WHEN pg_temp.dice(id, 38) < 0.25 THEN 'RESOLVED'
            WHEN pg_temp.dice(id, 38) < 0.6 THEN 'IN_WORK'
            ELSE 'OPEN'
        END AS state
    FROM feedback_answer
    WHERE id BETWEEN %(first)s AND %(last)s AND score <= 6
) AS unhappy
ORDER BY id;
