-- The drawer is counted twice a day for the last month; now and then a little is missing.
INSERT INTO till_tillshift
    (branch_id, opened_at, opened_by_id, opening, closed_at, closed_by_id, counted, note)
SELECT
    %(branch)s, day.opens_at, %(cashier)s, 5000, day.closes_at, %(cashier)s,
    5000 + day.cash - CASE WHEN day.is_short THEN 50 ELSE 0 END,
    CASE WHEN day.is_short THEN 'не было сдачи' ELSE '' END
FROM (
    SELECT
        span.opens_at, span.closes_at,
        pg_temp.dice(%(branch)s * 1000 + span.ago, 240) < 0.1 AS is_short,
        coalesce((
            SELECT sum(p.amount) FROM appointments_payment p
            JOIN appointments_visit v ON v.id = p.visit_id
            JOIN appointments_appointment a ON a.id = v.appointment_id
            WHERE a.branch_id = %(branch)s AND p.method = 'CASH'
                AND p.at >= span.opens_at AND p.at < span.closes_at
        ), 0) + coalesce((
            SELECT sum(m.amount) FROM appointments_prepayment m
            WHERE m.branch_id = %(branch)s AND m.method = 'CASH'
                AND m.at >= span.opens_at AND m.at < span.closes_at
        ), 0) AS cash
    FROM (
        SELECT
            ago,
            (today.midnight - ago * interval '1 day' + interval '7 hours') AT TIME ZONE %(zone)s
                AS opens_at,
            (today.midnight - ago * interval '1 day' + interval '22 hours') AT TIME ZONE %(zone)s
                AS closes_at
        FROM generate_series(30, 1, -1) AS ago
        CROSS JOIN (
            SELECT date_trunc('day', %(now)s::timestamptz AT TIME ZONE %(zone)s) AS midnight
        ) AS today
    ) AS span
) AS day
WHERE day.cash >= 0
ORDER BY day.opens_at;
