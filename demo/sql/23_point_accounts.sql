-- What is left of each lot makes the balance.
INSERT INTO loyalty_pointaccount (patient_id, balance, owed, next_expiry_at)
SELECT patient_id, sum(points), 0, min(expires_at) FILTER (WHERE points > 0)
FROM (
    SELECT lot.patient_id, lot.expires_at, lot.points + coalesce(sum(used.points), 0) AS points
    FROM loyalty_pointentry lot
    LEFT JOIN loyalty_pointentry used ON used.lot_id = lot.id
    WHERE lot.points > 0 AND lot.patient_id BETWEEN %(first_patient)s AND %(last_patient)s
    GROUP BY lot.id
) AS lots
GROUP BY patient_id
ORDER BY patient_id;
