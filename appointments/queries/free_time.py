"""The SQL of free time, by range arithmetic.

    free = shifts ∩ opening hours − time off − booked − what the patient has booked

per employee and branch, and a slot is a stretch of it for which a room of the service is free too.
Everything is a multirange of instants; only the opening hours and the grid are read on the
branch's clock. `FREE_TIME` goes before `SLOTS` or `FIT`.
"""

# The status lists are written out, word for word as in the exclusion constraints: the planner
# uses their indexes only when it can prove that the condition is the same.
FREE_TIME = """
WITH span AS (
    SELECT tstzrange(%(from_at)s, %(end_at)s) AS during
),
place AS (
    SELECT branch.id, branch.time_zone, hours.open
    FROM clinic_branch branch
    CROSS JOIN span
    CROSS JOIN LATERAL (
        SELECT range_agg(tstzrange(opens, closes)) AS open
        FROM generate_series(
            date_trunc('day', lower(span.during) AT TIME ZONE branch.time_zone),
            upper(span.during) AT TIME ZONE branch.time_zone,
            interval '1 day'
        ) AS day
        CROSS JOIN LATERAL (
            SELECT
                (day + branch.opens_at) AT TIME ZONE branch.time_zone AS opens,
                (day + branch.closes_at) AT TIME ZONE branch.time_zone AS closes
        ) AS clock
        WHERE opens < closes
    ) AS hours
    WHERE branch.is_active
      AND (%(branch_id)s::bigint IS NULL OR branch.id = %(branch_id)s)
),
doctor AS (
    SELECT employee.id
    FROM clinic_employee_services offer
    JOIN clinic_employee employee ON employee.id = offer.employee_id AND employee.is_active
    JOIN clinic_service service ON service.id = offer.service_id AND service.is_active
    WHERE offer.service_id = %(service_id)s
      AND (%(employee_id)s::bigint IS NULL OR employee.id = %(employee_id)s)
),
patient AS (
    SELECT coalesce(range_agg(tstzrange(starts_at, ends_at)), '{}') AS booked
    FROM appointments_appointment
    CROSS JOIN span
    WHERE patient_id = %(patient_id)s
      AND tstzrange(starts_at, ends_at, '[)') && span.during
      AND status IN ('BOOKED', 'CONFIRMED', 'ARRIVED', 'IN_PROGRESS', 'DONE')
      AND appointments_appointment.id IS DISTINCT FROM %(except_id)s
),
free AS MATERIALIZED (
    SELECT
        doctor.id AS employee_id,
        place.id AS branch_id,
        place.time_zone,
        work.during * place.open - away.during - own.booked - patient.booked AS during
    FROM doctor
    CROSS JOIN span
    CROSS JOIN patient
    CROSS JOIN LATERAL (
        SELECT branch_id, range_agg(tstzrange(starts_at, ends_at) * span.during) AS during
        FROM clinic_shift
        WHERE employee_id = doctor.id AND tstzrange(starts_at, ends_at, '[)') && span.during
        GROUP BY branch_id
    ) AS work
    JOIN place ON place.id = work.branch_id
    CROSS JOIN LATERAL (
        SELECT coalesce(range_agg(tstzrange(starts_at, ends_at)), '{}') AS during
        FROM clinic_timeoff
        WHERE employee_id = doctor.id
          AND starts_at < upper(span.during)
          AND ends_at > lower(span.during)
    ) AS away
    CROSS JOIN LATERAL (
        SELECT coalesce(range_agg(tstzrange(starts_at, ends_at)), '{}') AS booked
        FROM appointments_appointment
        WHERE employee_id = doctor.id
          AND tstzrange(starts_at, ends_at, '[)') && span.during
          AND status IN ('BOOKED', 'CONFIRMED', 'ARRIVED', 'IN_PROGRESS', 'DONE')
          AND appointments_appointment.id IS DISTINCT FROM %(except_id)s
    ) AS own
),
room AS MATERIALIZED (
    SELECT
        room.id,
        room.branch_id,
        tstzmultirange(span.during) - busy.booked AS during,
        (SELECT count(*) FROM clinic_service_rooms other WHERE other.room_id = room.id) AS demand
    FROM clinic_service_rooms need
    JOIN clinic_room room ON room.id = need.room_id AND room.is_active
    JOIN place ON place.id = room.branch_id
    CROSS JOIN span
    CROSS JOIN LATERAL (
        SELECT coalesce(range_agg(tstzrange(starts_at, ends_at)), '{}') AS booked
        FROM appointments_appointment
        WHERE room_id = room.id
          AND tstzrange(starts_at, ends_at, '[)') && span.during
          AND status IN ('BOOKED', 'CONFIRMED', 'ARRIVED', 'IN_PROGRESS', 'DONE')
          AND room_id IS NOT NULL
          AND appointments_appointment.id IS DISTINCT FROM %(except_id)s
    ) AS busy
    WHERE need.service_id = %(service_id)s
    UNION ALL
    SELECT NULL, place.id, tstzmultirange(span.during), 0
    FROM place
    CROSS JOIN span
    WHERE NOT EXISTS (SELECT FROM clinic_service_rooms WHERE service_id = %(service_id)s)
)
"""

# Starts stand on the branch's clock; `wall - bin` is how far the gap's begin is past the grid, and
# is taken off the instant, not the clock, which would be ambiguous in autumn. The room that the
# fewest other services could use is taken first.
SLOTS = """
SELECT free.employee_id, free.branch_id, chosen.id AS room_id, starts_at,
       starts_at + %(duration)s AS ends_at
FROM free
CROSS JOIN LATERAL unnest(free.during) AS gap
CROSS JOIN LATERAL (SELECT lower(gap) AT TIME ZONE free.time_zone AS wall) AS clock
CROSS JOIN LATERAL (
    SELECT wall - date_bin(%(grid)s, wall, timestamp '2000-01-01') AS past
) AS grid
CROSS JOIN LATERAL generate_series(
    lower(gap) - past + CASE WHEN past > interval '0' THEN %(grid)s ELSE interval '0' END,
    least(upper(gap) - %(duration)s, %(until_at)s - interval '1 microsecond'),
    %(grid)s
) AS starts_at
CROSS JOIN LATERAL (
    SELECT room.id
    FROM room
    WHERE room.branch_id = free.branch_id
      AND room.during @> tstzrange(starts_at, starts_at + %(duration)s)
    ORDER BY room.demand, room.id
    LIMIT 1
) AS chosen
"""

IN_ORDER = "ORDER BY starts_at, free.employee_id LIMIT %(limit)s"
NEAREST = (
    "ORDER BY abs(extract(epoch FROM starts_at - %(wish_at)s)), starts_at, free.employee_id "
    "LIMIT %(limit)s"
)

FIT = """
SELECT room.id
FROM free
JOIN room ON room.branch_id = free.branch_id
CROSS JOIN span
WHERE free.during @> span.during
  AND room.during @> span.during
  AND (%(room_id)s::bigint IS NULL OR room.id = %(room_id)s)
ORDER BY room.id IS DISTINCT FROM %(kept_room_id)s, room.demand, room.id
LIMIT 1
"""
