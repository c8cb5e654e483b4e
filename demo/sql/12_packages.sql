-- Who bought sessions ahead when he came for the first of several, and the visits paid by them.
DROP TABLE IF EXISTS pg_temp.purchase, pg_temp.covered;

CREATE TEMP TABLE purchase ON COMMIT DROP AS
SELECT
    bought.visit_id, bought.patient_id, bought.type_id, bought.sold_at, NOT bought.is_waiting AS is_begun,
    CASE WHEN NOT bought.is_waiting THEN
        ((bought.sold_at AT TIME ZONE %(zone)s)::date + t.term_days + 1)::timestamp AT TIME ZONE %(zone)s
    END AS ends_at
FROM (
    (
        SELECT DISTINCT ON (patient_id) id AS visit_id, patient_id, type_id,
            arrived_at + interval '30 seconds' AS sold_at, false AS is_waiting
        FROM (
            SELECT b.id, b.patient_id, p.type_id, v.arrived_at,
                count(*) OVER everything AS visits, row_number() OVER latest AS from_end
            FROM bill b
            JOIN appointments_appointment a ON a.id = b.id
            JOIN appointments_visit v ON v.id = b.id
            JOIN packages_typepart_services s ON s.service_id = a.service_id
            JOIN packages_typepart p ON p.id = s.typepart_id
            WINDOW everything AS (PARTITION BY b.patient_id, p.type_id),
                latest AS (PARTITION BY b.patient_id, p.type_id ORDER BY b.finished_at DESC, b.id)
        ) AS visit
        WHERE visits > 1
            AND from_end = 1 + floor(pg_temp.dice(patient_id, 90) * least(visits, 7))::int
        ORDER BY patient_id, pg_temp.dice(patient_id * 10 + type_id, 91)
    )
    UNION ALL
    (
        SELECT DISTINCT ON (a.patient_id) a.id, a.patient_id, t.id,
            greatest(a.created_at, %(now)s - pg_temp.dice(a.id, 92) * interval '6 days'), true
        FROM appointments_appointment a
        JOIN packages_typepart_services s ON s.service_id = a.service_id
        JOIN packages_typepart p ON p.id = s.typepart_id
        JOIN packages_packagetype t ON t.id = p.type_id
        WHERE a.id BETWEEN %(first)s AND %(last)s AND a.status IN ('BOOKED', 'CONFIRMED')
            AND a.starts_at > %(now)s AND t.activation = 'FIRST_VISIT'
            AND pg_temp.dice(a.id, 93) < 0.02
        ORDER BY a.patient_id, a.id
    )
) AS bought
JOIN packages_packagetype t ON t.id = bought.type_id
ORDER BY bought.is_waiting DESC, pg_temp.dice(bought.patient_id, 94)
LIMIT 20;

CREATE TEMP TABLE covered ON COMMIT DROP AS
SELECT visit_id, first_id, position, service_id, patient_id, at
FROM (
    SELECT b.id AS visit_id, c.visit_id AS first_id, p.position, p.sessions, a.service_id,
        c.patient_id, b.finished_at AS at,
        row_number() OVER (PARTITION BY c.visit_id, p.id ORDER BY b.finished_at, b.id) AS number
    FROM purchase c
    JOIN bill b ON b.patient_id = c.patient_id AND b.finished_at > c.sold_at
        AND b.finished_at < c.ends_at
    JOIN appointments_appointment a ON a.id = b.id
    JOIN packages_typepart p ON p.type_id = c.type_id
    JOIN packages_typepart_services s ON s.typepart_id = p.id AND s.service_id = a.service_id
) AS visit
WHERE number <= sessions;

UPDATE appointments_visitline l SET is_prepaid = true, discount = 0
FROM covered c WHERE l.id = c.visit_id * 2;

UPDATE bill b SET discount = 0, total = b.extra FROM covered c WHERE b.id = c.visit_id;

UPDATE appointments_visit v
SET total = b.total, paid = CASE WHEN b.is_paid_at_once THEN b.total ELSE 0 END
FROM covered c JOIN bill b ON b.id = c.visit_id
WHERE v.id = c.visit_id;

DELETE FROM bill b USING covered c WHERE b.id = c.visit_id AND b.total = 0;

INSERT INTO packages_package (
    type_id, patient_id, branch_id, name, price, term_days, activation, warn_days, freeze_days,
    is_transferable, is_bearer, is_family, status, code, key, digest, sold_at, ends_at, frozen_at,
    thaws_at, frozen_days, warns_at
)
SELECT
    t.id, patient_id, %(branch)s, t.name, t.price, t.term_days, t.activation, t.warn_days,
    t.freeze_days, t.is_transferable, t.is_bearer, pg_temp.dice(visit_id, 95) < 0.2, status,
    (
        SELECT string_agg(
            substr('23456789BCDFGHJKMNPQRTVWXZ', 1 + floor(pg_temp.dice(visit_id, 900 + n) * 26)::int, 1), ''
            ORDER BY n)
        FROM generate_series(1, 8) n
    ),
    'demo-' || visit_id, '', sold_at, ends_at,
    CASE WHEN status = 'FROZEN' THEN %(now)s - interval '2 days' END,
    CASE WHEN status = 'FROZEN' THEN
        ((%(now)s - interval '2 days') AT TIME ZONE %(zone)s)::date::timestamp AT TIME ZONE %(zone)s
            + t.freeze_days * interval '1 day'
    END,
    0,
    CASE WHEN status = 'ACTIVE' AND ends_at - t.warn_days * interval '1 day' > %(now)s
        THEN ends_at - t.warn_days * interval '1 day' END
FROM (
    SELECT c.*, CASE
        WHEN NOT c.is_begun THEN 'WAITING'
        WHEN used.sessions = held.sessions THEN 'USED_UP'
        WHEN c.ends_at <= %(now)s THEN 'EXPIRED'
        WHEN held.freeze_days > 0 AND used.last_at < %(now)s - interval '3 days'
            AND pg_temp.dice(c.visit_id, 96) < 0.25 THEN 'FROZEN'
        ELSE 'ACTIVE'
    END AS status
    FROM purchase c
    JOIN LATERAL (
        SELECT sum(p.sessions) AS sessions, max(k.freeze_days) AS freeze_days
        FROM packages_typepart p JOIN packages_packagetype k ON k.id = p.type_id
        WHERE p.type_id = c.type_id
    ) AS held ON true
    JOIN LATERAL (
        SELECT count(*) AS sessions, max(at) AS last_at FROM covered WHERE first_id = c.visit_id
    ) AS used ON true
) AS c
JOIN packages_packagetype t ON t.id = c.type_id
ORDER BY sold_at, visit_id;

INSERT INTO packages_packagepart (package_id, position, sessions, balance)
SELECT p.id, t.position, t.sessions, 0
FROM packages_package p JOIN packages_typepart t ON t.type_id = p.type_id
WHERE p.patient_id BETWEEN %(first_patient)s AND %(last_patient)s
ORDER BY p.id, t.position;

INSERT INTO packages_packageprice (part_id, service_id, price)
SELECT part.id, s.id, s.price
FROM packages_package p
JOIN packages_packagepart part ON part.package_id = p.id
JOIN packages_typepart t ON t.type_id = p.type_id AND t.position = part.position
JOIN packages_typepart_services link ON link.typepart_id = t.id
JOIN clinic_service s ON s.id = link.service_id
WHERE p.patient_id BETWEEN %(first_patient)s AND %(last_patient)s
ORDER BY part.id, s.id;

INSERT INTO packages_packageentry
    (package_id, part_id, kind, sessions, visit_id, service_id, patient_id, note, source, at, actor_id)
SELECT package_id, part_id, kind, sessions, visit_id, service_id, patient_id, '', source, at, %(cashier)s
FROM (
    SELECT p.id AS package_id, part.id AS part_id, 'SALE' AS kind, part.sessions,
        NULL::bigint AS visit_id, NULL::bigint AS service_id, NULL::bigint AS patient_id,
        'sale:' || part.id AS source, p.sold_at AS at, 1 AS step
    FROM packages_package p JOIN packages_packagepart part ON part.package_id = p.id
    WHERE p.patient_id BETWEEN %(first_patient)s AND %(last_patient)s
    UNION ALL
    SELECT p.id, part.id, 'DEBIT', -1, c.visit_id, c.service_id, c.patient_id,
        'visit:' || c.visit_id || ':' || c.service_id || ':1', c.at, 2
    FROM covered c
    JOIN packages_package p ON p.key = 'demo-' || c.first_id
    JOIN packages_packagepart part ON part.package_id = p.id AND part.position = c.position
    UNION ALL
    SELECT p.id, NULL, 'FREEZE', 0, NULL, NULL, NULL, 'freeze:' || p.id || ':demo', p.frozen_at, 3
    FROM packages_package p
    WHERE p.patient_id BETWEEN %(first_patient)s AND %(last_patient)s AND p.status = 'FROZEN'
) AS entry
ORDER BY at, package_id, step, part_id;

INSERT INTO packages_packageentry
    (package_id, part_id, kind, sessions, note, source, at)
SELECT p.id, part.id, 'EXPIRY', -part.balance, '', 'expiry:' || part.id || ':1', p.ends_at
FROM packages_package p JOIN packages_packagepart part ON part.package_id = p.id
WHERE p.patient_id BETWEEN %(first_patient)s AND %(last_patient)s AND p.status = 'EXPIRED'
    AND part.balance > 0
ORDER BY p.ends_at, part.id;

INSERT INTO appointments_prepayment (patient_id, branch_id, method, amount, reason, key, at, actor_id)
SELECT patient_id, branch_id, CASE WHEN pg_temp.dice(id, 97) < 0.7 THEN 'CARD' ELSE 'CASH' END, price,
    '', 'package-' || id, sold_at, %(cashier)s
FROM packages_package
WHERE patient_id BETWEEN %(first_patient)s AND %(last_patient)s
ORDER BY id;

INSERT INTO packages_packagepayment (package_id, prepayment_id)
SELECT p.id, m.id
FROM packages_package p JOIN appointments_prepayment m ON m.key = 'package-' || p.id
WHERE p.patient_id BETWEEN %(first_patient)s AND %(last_patient)s
ORDER BY p.id;
