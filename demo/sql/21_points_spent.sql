-- A patient's last visit that was not paid at once: a part with points, the rest by card. The
-- oldest lots go first; a few of the newest bills stay open.
CREATE TEMP TABLE spending ON COMMIT DROP AS
SELECT visit.id, visit.patient_id, visit.finished_at, visit.total,
    least(floor(visit.total * %(points_share)s), lots.points)::int AS points
FROM (
    SELECT DISTINCT ON (patient_id) id, patient_id, finished_at, total
    FROM bill WHERE NOT is_paid_at_once
    ORDER BY patient_id, finished_at DESC
) AS visit
CROSS JOIN LATERAL (
    SELECT sum(points) AS points FROM loyalty_pointentry
    WHERE patient_id = visit.patient_id AND kind = 'EARNED' AND at < visit.finished_at
) AS lots
WHERE lots.points >= 100;

INSERT INTO appointments_payment (id, visit_id, method, amount, refund_of_id, key, at, actor_id)
SELECT id * 2 + 1, id, 'POINTS', points, NULL, 'demo-points-' || id, finished_at, %(cashier)s
FROM spending
ORDER BY id;

INSERT INTO loyalty_pointentry
    (patient_id, kind, points, source, lot_id, expires_at, note, at, actor_id)
SELECT s.patient_id, 'SPENT', -least(lot.points, s.points - lot.before),
    'payment:' || s.id * 2 + 1 || ':' || lot.number, lot.id, NULL, '', s.finished_at, %(cashier)s
FROM spending s
CROSS JOIN LATERAL (
    SELECT id, points, sum(points) OVER soonest - points AS before, row_number() OVER soonest AS number
    FROM loyalty_pointentry
    WHERE patient_id = s.patient_id AND kind = 'EARNED' AND at < s.finished_at
    WINDOW soonest AS (ORDER BY expires_at, id)
) AS lot
WHERE lot.before < s.points
ORDER BY s.id, lot.id;

INSERT INTO appointments_payment (id, visit_id, method, amount, refund_of_id, key, at, actor_id)
SELECT b.id * 2, b.id, 'CARD', b.total - coalesce(s.points, 0), NULL, 'demo-' || b.id,
    b.finished_at, %(cashier)s
FROM bill b LEFT JOIN spending s ON s.id = b.id
WHERE NOT b.is_paid_at_once
    AND (b.finished_at < %(now)s - interval '20 days' OR s.id IS NOT NULL)
    AND b.total > coalesce(s.points, 0)
ORDER BY b.id;

-- Without figures of rows just written the planner may join them one by one.
ANALYZE bill, appointments_payment, appointments_visit;

UPDATE appointments_visit v
SET paid = p.paid, paid_points = p.points
FROM (
    SELECT p.visit_id, sum(p.amount) AS paid,
        coalesce(sum(p.amount) FILTER (WHERE p.method = 'POINTS'), 0) AS points
    FROM bill b JOIN appointments_payment p ON p.visit_id = b.id
    WHERE NOT b.is_paid_at_once
    GROUP BY p.visit_id
) AS p
WHERE v.id = p.visit_id;

DROP TABLE spending;
