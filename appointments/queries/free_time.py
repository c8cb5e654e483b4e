"""The SQL of free time, by range arithmetic.

    free = shifts ∩ opening hours − time off − occupied − held by others

per employee and branch; a slot is a stretch of it, buffers included, in which the patient is not
elsewhere and a place in a room and at a device of the service is free too. Everything is a
multirange of instants; only the opening hours (of the day, where the clinic decided about it), the
horizon, the grid and what a search asks of the clock are read on the branch's clock. The statements
to execute stand at the end.
"""

from datetime import timedelta

# The status lists are written out, word for word as in the exclusion constraints: the planner
# uses their indexes only when it can prove that the condition is the same.
#
# `doctor` has the length and the buffers with each employee; an appointment that moves within its
# employee's diary keeps its own. With `ends_at` one interval is meant, otherwise any that begins
# before `until_at`; `margin` is how much of the time around them is read too.
FREE_TIME = """
WITH doctor AS MATERIALIZED (
    SELECT
        employee.id,
        coalesce(moved.ends_at - moved.starts_at, own.duration, service.duration) AS duration,
        coalesce(moved.buffer_before, service.buffer_before) AS before,
        coalesce(moved.buffer_after, service.buffer_after) AS after,
        coalesce(moved.buffer_in_room, service.buffer_in_room) AS in_room
    FROM clinic_service service
    JOIN clinic_employee_services offer ON offer.service_id = service.id
    JOIN clinic_employee employee ON employee.id = offer.employee_id AND employee.is_active
    LEFT JOIN clinic_ownterms own
        ON own.employee_id = employee.id AND own.service_id = service.id
    LEFT JOIN appointments_appointment moved
        ON moved.id = %(except_id)s AND moved.employee_id = employee.id
    WHERE service.id = %(service_id)s
      AND service.is_active
      AND (%(employee_ids)s::bigint[] IS NULL OR employee.id = ANY (%(employee_ids)s))
      AND (%(position)s::text IS NULL OR employee.position = %(position)s)
),
span AS (
    SELECT tstzrange(
        greatest(
            %(from_at)s - coalesce(max(before), interval '0') - %(margin)s,
            coalesce(%(now)s::timestamptz, '-infinity')
        ),
        coalesce(%(ends_at)s, %(until_at)s + coalesce(max(duration), interval '0'))
            + coalesce(max(after), interval '0') + %(margin)s
    ) AS during
    FROM doctor
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
        LEFT JOIN clinic_branchday special
            ON special.branch_id = branch.id AND special."on" = day::date
        CROSS JOIN LATERAL (
            SELECT
                (day + coalesce(special.opens_at, branch.opens_at))
                    AT TIME ZONE branch.time_zone AS opens,
                (day + coalesce(special.closes_at, branch.closes_at))
                    AT TIME ZONE branch.time_zone AS closes
        ) AS clock
        WHERE opens < closes AND special.kind IS DISTINCT FROM 'CLOSED'
    ) AS hours
    WHERE branch.is_active
      AND (%(branch_ids)s::bigint[] IS NULL OR branch.id = ANY (%(branch_ids)s))
      AND (%(city)s::text IS NULL OR branch.city = %(city)s)
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
        doctor.duration,
        doctor.before,
        doctor.after,
        doctor.in_room,
        place.id AS branch_id,
        place.time_zone,
        work.during * place.open - away.during - own.occupied AS during
    FROM doctor
    CROSS JOIN span
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
        SELECT coalesce(range_agg(occupied), '{}') AS occupied
        FROM (
            SELECT occupied
            FROM appointments_appointment
            WHERE employee_id = doctor.id
              AND occupied && span.during
              AND status IN ('BOOKED', 'CONFIRMED', 'ARRIVED', 'IN_PROGRESS', 'DONE')
              AND appointments_appointment.id IS DISTINCT FROM %(except_id)s
            UNION ALL
            SELECT occupied
            FROM appointments_hold
            WHERE employee_id = doctor.id
              AND occupied && span.during
              AND expires_at > %(clock)s
              AND owner <> ALL (%(owners)s)
        ) AS taken
    ) AS own
)
"""

# Rooms and devices by their numbered places, each with the time when nobody has it and it is not
# closed. A service that needs none has one that stands for all, always free.
THINGS = """,
{thing} AS MATERIALIZED (
    SELECT
        {thing}.id,
        unit,
        {thing}.branch_id,
        tstzmultirange(span.during) - busy.occupied AS during,
        (
            SELECT count(*) FROM clinic_service_{thing}s other WHERE other.{thing}_id = {thing}.id
        ) AS demand
    FROM clinic_service_{thing}s need
    JOIN clinic_{thing} {thing} ON {thing}.id = need.{thing}_id AND {thing}.is_active
    JOIN place ON place.id = {thing}.branch_id
    CROSS JOIN span
    CROSS JOIN generate_series(1, {thing}.capacity) AS unit
    CROSS JOIN LATERAL (
        SELECT coalesce(range_agg(room_occupied), '{{}}') AS occupied
        FROM (
            SELECT room_occupied
            FROM appointments_appointment
            WHERE {thing}_id = {thing}.id
              AND {thing}_unit = unit
              AND room_occupied && span.during
              AND status IN ('BOOKED', 'CONFIRMED', 'ARRIVED', 'IN_PROGRESS', 'DONE')
              AND {thing}_id IS NOT NULL
              AND appointments_appointment.id IS DISTINCT FROM %(except_id)s
            UNION ALL
            SELECT room_occupied
            FROM appointments_hold
            WHERE {thing}_id = {thing}.id
              AND {thing}_unit = unit
              AND room_occupied && span.during
              AND {thing}_id IS NOT NULL
              AND expires_at > %(clock)s
              AND owner <> ALL (%(owners)s)
            UNION ALL
            SELECT tstzrange(starts_at, ends_at)
            FROM clinic_closure
            WHERE {thing}_id = {thing}.id AND tstzrange(starts_at, ends_at, '[)') && span.during
        ) AS taken
    ) AS busy
    WHERE need.service_id = %(service_id)s
    UNION ALL
    SELECT NULL, 1, place.id, tstzmultirange(span.during), 0
    FROM place
    CROSS JOIN span
    WHERE NOT EXISTS (SELECT FROM clinic_service_{thing}s WHERE service_id = %(service_id)s)
)
"""

FREE_TIME = FREE_TIME + THINGS.format(thing="room") + THINGS.format(thing="device")

# Starts stand on the branch's clock, every half hour where a visit with its buffers fills half
# hours, else every quarter. `wall - bin` is how far the first possible start is past the grid, and
# is taken off the instant, not the clock, which would be ambiguous in autumn. The room that the
# fewest other services could use is taken first.
COLUMNS = """
SELECT free.employee_id, free.branch_id, chosen.id AS room_id, starts_at,
       starts_at + free.duration AS ends_at
"""

SLOTS = """
FROM free
CROSS JOIN patient
CROSS JOIN LATERAL unnest(free.during) AS gap
CROSS JOIN LATERAL (
    SELECT
        greatest(lower(gap) + free.before, %(from_at)s) AS first,
        CASE
            WHEN extract(epoch FROM free.before + free.duration + free.after)::bigint %% 1800 = 0
            THEN interval '30 minutes'
            ELSE interval '15 minutes'
        END AS step,
        (
            date_trunc('day', %(now)s AT TIME ZONE free.time_zone)
            + make_interval(days => %(horizon_days)s::int + 1)
        ) AT TIME ZONE free.time_zone AS horizon
) AS bound
CROSS JOIN LATERAL (SELECT first AT TIME ZONE free.time_zone AS wall) AS clock
CROSS JOIN LATERAL (
    SELECT wall - date_bin(step, wall, timestamp '2000-01-01') AS past
) AS grid
CROSS JOIN LATERAL generate_series(
    first - past + CASE WHEN past > interval '0' THEN step ELSE interval '0' END,
    least(
        upper(gap) - free.after - free.duration,
        %(until_at)s - interval '1 microsecond',
        horizon - interval '1 microsecond'
    ),
    step
) AS starts_at
CROSS JOIN LATERAL (
    SELECT tstzrange(starts_at, starts_at + free.duration) AS visit,
           tstzrange(starts_at - free.before, starts_at + free.duration + free.after) AS whole
) AS stretch
CROSS JOIN LATERAL (
    SELECT room.id
    FROM room
    WHERE room.branch_id = free.branch_id
      AND room.during @> CASE WHEN free.in_room THEN whole ELSE visit END
    ORDER BY room.demand, room.id
    LIMIT 1
) AS chosen
"""

WANTED = """
WHERE NOT patient.booked && visit
  AND EXISTS (
      SELECT
      FROM device
      WHERE device.branch_id = free.branch_id
        AND device.during @> CASE WHEN free.in_room THEN whole ELSE visit END
  )
  AND (
      %(weekdays)s::int[] IS NULL
      OR extract(isodow FROM starts_at AT TIME ZONE free.time_zone) = ANY (%(weekdays)s)
  )
  AND (
      %(clock_from)s::time IS NULL
      OR (starts_at AT TIME ZONE free.time_zone)::time >= %(clock_from)s
  )
  AND (
      %(clock_until)s::time IS NULL
      OR (starts_at AT TIME ZONE free.time_zone)::time < %(clock_until)s
  )
"""

# What the employee needs for the shortest of all that he offers, with the time around it.
SHORTEST = """,
least AS MATERIALIZED (
    SELECT
        offer.employee_id,
        min(
            coalesce(own.duration, service.duration)
            + service.buffer_before + service.buffer_after
        ) AS shortest
    FROM clinic_employee_services offer
    JOIN doctor ON doctor.id = offer.employee_id
    JOIN clinic_service service ON service.id = offer.service_id AND service.is_active
    LEFT JOIN clinic_ownterms own
        ON own.employee_id = offer.employee_id AND own.service_id = service.id
    GROUP BY offer.employee_id
)
"""

# What a start leaves of the free stretch (`gap`) ahead of it and behind: a piece in which the
# shortest service of the employee fits is of use, a shorter one is waste. A piece that begins now
# passes before anybody could have it, so it is neither unless it is of use. The stretch must be
# seen whole: `margin` is `LONGEST_STRETCH`.
FILL = """
JOIN least ON least.employee_id = free.employee_id
CROSS JOIN LATERAL (
    SELECT lower(whole) - lower(gap) AS ahead, upper(gap) - upper(whole) AS behind
) AS piece
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN ahead < shortest AND lower(gap) > %(now)s THEN ahead ELSE interval '0' END
            + CASE WHEN behind < shortest THEN behind ELSE interval '0' END AS waste,
        (ahead >= shortest)::int + (behind >= shortest)::int AS pieces
) AS rest
"""

LONGEST_STRETCH = timedelta(hours=20)
"""What a service takes of an employee at most: twelve hours and four on either side."""

# Of each day of each employee the soonest start, and the `of_day` that fill it best: `by_fill` is
# their place within the day.
RANKED = """
SELECT employee_id, branch_id, room_id, starts_at, ends_at, wall_day, waste, by_fill
FROM (
    SELECT
        *,
        row_number() OVER (day ORDER BY waste, pieces, starts_at) AS by_fill,
        row_number() OVER (day ORDER BY starts_at) AS by_time
    FROM (
"""
FILL_COLUMNS = ", waste, pieces, (starts_at AT TIME ZONE free.time_zone)::date AS wall_day"
RANKED_END = """
    ) AS slot
    WINDOW day AS (PARTITION BY employee_id, branch_id, wall_day)
) AS ranked
WHERE by_fill <= %(of_day)s OR by_time = 1
ORDER BY starts_at, employee_id
"""

INTERVAL = """
SELECT room.id, room.unit, device.id, device.unit
FROM free
CROSS JOIN patient
CROSS JOIN LATERAL (
    SELECT tstzrange(%(from_at)s, %(ends_at)s) AS visit,
           tstzrange(%(from_at)s - free.before, %(ends_at)s + free.after) AS whole
) AS stretch
JOIN room ON room.branch_id = free.branch_id
JOIN device ON device.branch_id = free.branch_id
WHERE free.during @> whole
  AND NOT patient.booked && visit
  AND room.during @> CASE WHEN free.in_room THEN whole ELSE visit END
  AND device.during @> CASE WHEN free.in_room THEN whole ELSE visit END
  AND (%(room_id)s::bigint IS NULL OR room.id = %(room_id)s)
ORDER BY
    room.id IS DISTINCT FROM %(kept_room_id)s, room.demand, room.id, room.unit,
    device.id IS DISTINCT FROM %(kept_device_id)s, device.demand, device.id, device.unit
LIMIT 1
"""

BY_TIME = "ORDER BY starts_at, free.employee_id LIMIT %(limit)s"
BY_DISTANCE = (
    "ORDER BY abs(extract(epoch FROM starts_at - %(wish_at)s)), starts_at, free.employee_id "
    "LIMIT %(limit)s"
)
BY_FILL = "ORDER BY waste, pieces, starts_at, free.employee_id LIMIT %(limit)s"

SOONEST = "".join((FREE_TIME, COLUMNS, SLOTS, WANTED, BY_TIME))
NEAREST = "".join((FREE_TIME, COLUMNS, SLOTS, WANTED, BY_DISTANCE))
BEST_FILL = "".join((FREE_TIME, SHORTEST, COLUMNS, SLOTS, FILL, WANTED, BY_FILL))
OF_DAYS = "".join(
    (FREE_TIME, SHORTEST, RANKED, COLUMNS, FILL_COLUMNS, SLOTS, FILL, WANTED, RANKED_END)
)
FIT = FREE_TIME + INTERVAL
