-- A payment has twice the id of its visit; one made with points takes the odd number after it.
INSERT INTO appointments_payment (id, visit_id, method, amount, refund_of_id, key, at, actor_id)
SELECT
    b.id * 2, b.id, CASE WHEN pg_temp.dice(b.id, 10) < 0.64 THEN 'CARD'
        WHEN pg_temp.dice(b.id, 10) < 0.7 THEN 'TRANSFER' ELSE 'CASH' END,
    b.total, NULL, 'demo-' || b.id, b.finished_at, %(cashier)s
FROM bill b
WHERE b.is_paid_at_once
ORDER BY b.id;

INSERT INTO loyalty_pointentry
    (patient_id, kind, points, source, lot_id, expires_at, note, at, actor_id)
SELECT
    earned.patient_id, 'EARNED', earned.points, 'payment:' || earned.id, NULL,
    earned.at + earned.points_live_days * interval '1 day', '', earned.at, NULL
FROM (
    SELECT p.id, p.patient_id, p.at, t.points_live_days,
        floor(p.amount * t.earn_percent / 100)::int AS points
    FROM (
        SELECT p.id, b.patient_id, p.at, p.amount, coalesce(sum(p.amount) OVER (
            PARTITION BY b.patient_id ORDER BY p.at, p.id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) + coalesce((
            SELECT sum(m.amount) FROM appointments_prepayment m
            WHERE m.patient_id = b.patient_id AND m.at < p.at
        ), 0) AS spent
        FROM appointments_payment p JOIN bill b ON p.id = b.id * 2
    ) AS p
    CROSS JOIN LATERAL (
        SELECT earn_percent, points_live_days FROM loyalty_tier
        WHERE spent_from <= p.spent ORDER BY spent_from DESC LIMIT 1
    ) AS t
) AS earned
WHERE earned.points > 0
ORDER BY earned.id;
