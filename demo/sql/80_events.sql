-- The facts behind all of it, in the order in which they happened: the timelines of the cards.
INSERT INTO outbox_event (name, patient_id, actor_id, occurred_at, recorded_at, payload)
SELECT name, patient_id, actor_id, at, at, payload
FROM (
    SELECT 'patients.PatientAdded' AS name, id AS patient_id, %(cashier)s::bigint AS actor_id,
        created_at AS at, '{}'::jsonb AS payload, id
    FROM patients_patient WHERE id BETWEEN %(first_patient)s AND %(last_patient)s
    UNION ALL
    SELECT CASE action WHEN 'GIVEN' THEN 'patients.ConsentGiven' ELSE 'patients.ConsentWithdrawn' END,
        patient_id, NULL, at, jsonb_build_object('purpose', purpose, 'channel', channel), id
    FROM patients_consent WHERE patient_id BETWEEN %(first_patient)s AND %(last_patient)s
    UNION ALL
    SELECT 'appointments.AppointmentBooked', patient_id, created_by_id, created_at,
        jsonb_build_object('appointment_id', id), id
    FROM appointments_appointment WHERE id BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT 'appointments.AppointmentConfirmed', patient_id, NULL, confirmed_at,
        jsonb_build_object('appointment_id', id, 'by_patient', true), id
    FROM (
        SELECT id, patient_id, least(
            greatest(created_at + interval '1 minute', starts_at - interval '24 hours')
                + pg_temp.dice(id, 61) * interval '2 hours', %(now)s) AS confirmed_at
        FROM appointments_appointment
        WHERE id BETWEEN %(first)s AND %(last)s
            AND (status = 'CONFIRMED' OR status IN ('DONE', 'IN_PROGRESS', 'ARRIVED')
                AND pg_temp.dice(id, 60) < 0.65 AND created_at < starts_at - interval '4 hours')
    ) AS confirmed
    UNION ALL
    SELECT 'appointments.MoveAsked', patient_id, NULL,
        %(now)s - (10 + pg_temp.dice(id, 42) * 300) * interval '1 minute',
        jsonb_build_object('appointment_id', id), id
    FROM appointments_appointment WHERE id BETWEEN %(first)s AND %(last)s AND wants_move
    UNION ALL
    SELECT 'appointments.AppointmentCancelled', patient_id,
        CASE WHEN cancel_reason <> 'BY_LINK' THEN %(cashier)s::bigint END,
        least(created_at + pg_temp.dice(id, 62) * (starts_at - created_at), %(now)s),
        jsonb_build_object('appointment_id', id, 'reason', cancel_reason,
            'by_patient', cancel_reason = 'BY_LINK'), id
    FROM appointments_appointment
    WHERE id BETWEEN %(first)s AND %(last)s AND status = 'CANCELLED'
    UNION ALL
    SELECT 'appointments.AppointmentMissed', patient_id, %(cashier)s,
        least(starts_at + interval '30 minutes', %(now)s), jsonb_build_object('appointment_id', id), id
    FROM appointments_appointment
    WHERE id BETWEEN %(first)s AND %(last)s AND status = 'NO_SHOW'
    UNION ALL
    SELECT fact.name, a.patient_id, fact.actor_id, fact.at,
        jsonb_build_object('appointment_id', a.id), a.id
    FROM appointments_visit v
    JOIN appointments_appointment a ON a.id = v.appointment_id
    JOIN clinic_employee e ON e.id = a.employee_id
    CROSS JOIN LATERAL (VALUES
        ('appointments.PatientArrived', v.arrived_at, %(cashier)s::bigint),
        ('appointments.VisitStarted', v.started_at, e.user_id),
        ('appointments.VisitFinished', v.finished_at, e.user_id)
    ) AS fact (name, at, actor_id)
    WHERE v.id BETWEEN %(first)s AND %(last)s AND fact.at IS NOT NULL
    UNION ALL
    SELECT CASE WHEN p.amount > 0 THEN 'appointments.PaymentTaken'
            ELSE 'appointments.PaymentRefunded' END,
        b.patient_id, p.actor_id, p.at,
        jsonb_build_object('appointment_id', p.visit_id, 'payment_id', p.id, 'method', p.method,
            'amount', abs(p.amount)::text), p.id
    FROM bill b JOIN appointments_payment p ON p.visit_id = b.id
    UNION ALL
    SELECT 'packages.PackageSold', patient_id, %(cashier)s, sold_at,
        jsonb_build_object('package_id', id, 'amount', price::text), id
    FROM packages_package WHERE patient_id BETWEEN %(first_patient)s AND %(last_patient)s
    UNION ALL
    SELECT 'packages.PackageDebited', p.patient_id, d.actor_id, d.at,
        jsonb_build_object('package_id', p.id, 'appointment_id', d.visit_id, 'sessions', 1,
            'left', (SELECT sum(e.sessions) FROM packages_packageentry e
                WHERE e.package_id = p.id AND e.id <= d.id)), d.id
    FROM packages_packageentry d JOIN packages_package p ON p.id = d.package_id
    WHERE p.patient_id BETWEEN %(first_patient)s AND %(last_patient)s AND d.kind = 'DEBIT'
    UNION ALL
    SELECT 'packages.PackageFrozen', patient_id, %(cashier)s, frozen_at,
        jsonb_build_object('package_id', id), id
    FROM packages_package
    WHERE patient_id BETWEEN %(first_patient)s AND %(last_patient)s AND status = 'FROZEN'
    UNION ALL
    SELECT 'packages.PackageExpired', p.patient_id, NULL, p.ends_at,
        jsonb_build_object('package_id', p.id, 'sessions', (
            SELECT -sum(e.sessions) FROM packages_packageentry e
            WHERE e.package_id = p.id AND e.kind = 'EXPIRY')), p.id
    FROM packages_package p
    WHERE p.patient_id BETWEEN %(first_patient)s AND %(last_patient)s AND p.status = 'EXPIRED'
    UNION ALL
    SELECT 'loyalty.PointsChanged', patient_id, actor_id, at,
        jsonb_build_object('kind', kind, 'points', sum(points)), min(id)
    FROM loyalty_pointentry
    WHERE patient_id BETWEEN %(first_patient)s AND %(last_patient)s
    GROUP BY patient_id, actor_id, at, kind
    UNION ALL
    SELECT CASE status WHEN 'FAILED' THEN 'messaging.MessageNotSent' ELSE 'messaging.MessageSent' END,
        patient_id, NULL, sent_at,
        CASE status WHEN 'FAILED' THEN jsonb_build_object('message_id', id, 'reason', reason)
            ELSE jsonb_build_object('message_id', id) END, id
    FROM messaging_message WHERE patient_id BETWEEN %(first_patient)s AND %(last_patient)s
    UNION ALL
    SELECT 'campaigns.RunLeft', patient_id, NULL, ended_at,
        jsonb_build_object('run_id', id, 'reason', left_reason), id
    FROM campaigns_run
    WHERE status = 'LEFT' AND patient_id BETWEEN %(first_patient)s AND %(last_patient)s
    UNION ALL
    SELECT 'feedback.VisitReviewed', patient_id, NULL, answered_at,
        jsonb_build_object('answer_id', id, 'score', score), id
    FROM feedback_answer WHERE id BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT fact.name, c.patient_id, fact.actor_id, fact.at, jsonb_build_object('case_id', c.id), c.id
    FROM feedback_case c CROSS JOIN LATERAL (VALUES
        ('feedback.CaseOpened', c.opened_at, NULL::bigint),
        ('feedback.CaseResolved', c.resolved_at, %(manager_user)s::bigint)
    ) AS fact (name, at, actor_id)
    WHERE c.answer_id BETWEEN %(first)s AND %(last)s AND fact.at IS NOT NULL
    UNION ALL
    SELECT fact.name, t.patient_id, fact.actor_id, fact.at, fact.payload, t.id
    FROM worklist_task t CROSS JOIN LATERAL (VALUES
        ('worklist.TaskOpened', t.created_at, NULL::bigint, jsonb_build_object('task_id', t.id)),
        ('worklist.TaskClosed', t.closed_at, t.closed_by_id,
            jsonb_build_object('task_id', t.id, 'status', t.status))
    ) AS fact (name, at, actor_id, payload)
    WHERE t.patient_id BETWEEN %(first_patient)s AND %(last_patient)s AND fact.at IS NOT NULL
    UNION ALL
    SELECT fact.name, r.patient_id, %(cashier)s, fact.at, fact.payload, r.id
    FROM intake_request r CROSS JOIN LATERAL (VALUES
        ('intake.RequestReceived', r.created_at, jsonb_build_object('request_id', r.id)),
        ('intake.RequestBooked', CASE r.status WHEN 'BOOKED' THEN r.closed_at END,
            jsonb_build_object('request_id', r.id, 'appointment_id', r.appointment_id)),
        ('intake.RequestLost', CASE r.status WHEN 'LOST' THEN r.closed_at END,
            jsonb_build_object('request_id', r.id, 'reason', r.loss_reason))
    ) AS fact (name, at, payload)
    WHERE r.branch_id = %(branch)s AND fact.at IS NOT NULL
    UNION ALL
    SELECT 'prescriptions.CoursePrescribed', p.patient_id, e.user_id, p.created_at,
        jsonb_build_object('prescription_id', p.id), p.id
    FROM prescriptions_prescription p JOIN clinic_employee e ON e.id = p.doctor_id
    WHERE p.id BETWEEN %(first_course)s AND %(last_course)s
    UNION ALL
    SELECT fact.name, p.patient_id, %(cashier)s, fact.at, fact.payload, l.id
    FROM prescriptions_prescription p
    JOIN prescriptions_prescriptionline l ON l.prescription_id = p.id
    CROSS JOIN LATERAL (VALUES
        ('prescriptions.LineHandedOver', l.handed_over_at, jsonb_build_object('line_id', l.id)),
        ('prescriptions.LineFinished', CASE l.status WHEN 'FINISHED' THEN l.closed_at END,
            jsonb_build_object('line_id', l.id)),
        ('prescriptions.LineDropped', CASE l.status WHEN 'DROPPED' THEN l.closed_at END,
            jsonb_build_object('line_id', l.id, 'reason', l.drop_reason))
    ) AS fact (name, at, payload)
    WHERE p.id BETWEEN %(first_course)s AND %(last_course)s AND fact.at IS NOT NULL
    UNION ALL
    SELECT 'prescriptions.SessionBooked', p.patient_id, a.created_by_id,
        a.created_at, jsonb_build_object('line_id', l.id, 'appointment_id', a.id), a.id
    FROM prescriptions_prescription p
    JOIN prescriptions_prescriptionline l ON l.prescription_id = p.id
    JOIN prescriptions_session s ON s.line_id = l.id
    JOIN appointments_appointment a ON a.id = s.appointment_id
    WHERE p.id BETWEEN %(first_course)s AND %(last_course)s
) AS fact
ORDER BY at, name, id;
