-- Some are given the money of their last visit back: it leaves the bill, its points leave the
-- account. A refund takes the id that points would have had. Only points still at hand are taken.
CREATE TEMP TABLE refund ON COMMIT DROP AS
SELECT last.id, last.patient_id, last.total, lot.id AS lot_id, lot.points,
    least(last.finished_at + (1 + pg_temp.dice(last.id, 24) * 70) * interval '1 hour', %(now)s) AS at
FROM (
    SELECT DISTINCT ON (patient_id) id, patient_id, finished_at, total, is_paid_at_once
    FROM bill
    ORDER BY patient_id, finished_at DESC
) AS last
JOIN loyalty_pointentry lot ON lot.source = 'payment:' || last.id * 2
WHERE last.is_paid_at_once AND last.total > 0 AND pg_temp.dice(last.id, 23) < 0.015
    AND last.finished_at > %(now)s - interval '120 days'
    AND NOT EXISTS (SELECT FROM loyalty_pointentry used WHERE used.lot_id = lot.id);

INSERT INTO appointments_payment
    (id, visit_id, method, amount, refund_of_id, reason, key, at, actor_id)
SELECT r.id * 2 + 1, r.id, p.method, -r.total, p.id, pg_temp.pick(%(refund_reasons)s, r.id, 25),
    'demo-refund-' || r.id, r.at, %(cashier)s
FROM refund r JOIN appointments_payment p ON p.id = r.id * 2
ORDER BY r.id;

INSERT INTO loyalty_pointentry
    (patient_id, kind, points, source, lot_id, expires_at, note, at, actor_id)
SELECT patient_id, 'TAKEN_BACK', -points, 'refund:' || id * 2 + 1 || ':1', lot_id, NULL, '', at, NULL
FROM refund
ORDER BY id;

UPDATE appointments_visit v
SET total = v.total - r.total, returned = r.total, paid = v.paid - r.total
FROM refund r
WHERE v.id = r.id;

DROP TABLE refund;
