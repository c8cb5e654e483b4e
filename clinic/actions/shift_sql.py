"""The SQL that turns rotations into shifts.

Hours are read on the branch's clock as the database reads a clock: times that it skips fall after
the gap, times that it shows twice are the later ones.
"""

# A day of the branch belongs to the cycle by its distance from the anchor, before it as well as
# after. A break makes two shifts of the day; what lies outside the hours of the day goes.
PLANNED = """
WITH planned AS (
    SELECT
        rotation.id AS rotation_id,
        rotation.employee_id,
        rotation.branch_id,
        day.at::date AS day_on,
        (day.at + greatest(part.starts, hours.opens)) AT TIME ZONE branch.time_zone AS starts_at,
        (day.at + least(part.ends, hours.closes)) AT TIME ZONE branch.time_zone AS ends_at
    FROM clinic_rotation rotation
    JOIN clinic_branch branch ON branch.id = rotation.branch_id
    CROSS JOIN LATERAL generate_series(
        greatest(%(first)s::date, rotation.starts_on)::timestamp,
        least(%(last)s::date, rotation.ends_on)::timestamp,
        interval '1 day'
    ) AS day(at)
    JOIN clinic_rotationday pattern
        ON pattern.rotation_id = rotation.id
        AND pattern.number = (
            (day.at::date - rotation.anchor_on) %% rotation.cycle_days + rotation.cycle_days
        ) %% rotation.cycle_days
    LEFT JOIN clinic_branchday special
        ON special.branch_id = rotation.branch_id AND special."on" = day.at::date
    CROSS JOIN LATERAL (
        SELECT coalesce(special.opens_at, branch.opens_at) AS opens,
               coalesce(special.closes_at, branch.closes_at) AS closes
    ) AS hours
    CROSS JOIN LATERAL (
        VALUES (pattern.starts, coalesce(pattern.break_starts, pattern.ends)),
               (pattern.break_ends, pattern.ends)
    ) AS part(starts, ends)
    WHERE rotation.branch_id = %(branch_id)s
      AND rotation.employee_id = ANY (%(employee_ids)s)
      AND special.kind IS DISTINCT FROM 'CLOSED'
      AND part.starts IS NOT NULL
      AND greatest(part.starts, hours.opens) < least(part.ends, hours.closes)
),
wanted AS (
    SELECT * FROM planned WHERE starts_at < ends_at AND ends_at > %(now)s
),
by_hand AS (
    SELECT shift.employee_id,
           (shift.starts_at AT TIME ZONE branch.time_zone)::date AS day_on,
           'by_hand' AS reason
    FROM clinic_shift shift
    JOIN clinic_branch branch ON branch.id = shift.branch_id
    WHERE shift.branch_id = %(branch_id)s
      AND shift.employee_id = ANY (%(employee_ids)s)
      AND shift.rotation_id IS NULL
      AND shift.starts_at >= %(starts)s
      AND shift.starts_at < %(ends)s
    UNION
    SELECT employee_id, "on", 'exception'
    FROM clinic_rotationexception
    WHERE branch_id = %(branch_id)s
      AND employee_id = ANY (%(employee_ids)s)
      AND "on" BETWEEN %(first)s AND %(last)s
)
"""

# After `PLANNED`. Only where a rotation plans something.
BY_HAND = """
SELECT employee_id, day_on, min(reason)
FROM by_hand
WHERE (employee_id, day_on) IN (SELECT employee_id, day_on FROM wanted)
GROUP BY employee_id, day_on
"""

# After `PLANNED`.
REMOVE_UNPLANNED = """
DELETE FROM clinic_shift shift
USING clinic_branch branch
WHERE branch.id = shift.branch_id
  AND shift.branch_id = %(branch_id)s
  AND shift.employee_id = ANY (%(employee_ids)s)
  AND shift.rotation_id IS NOT NULL
  AND shift.starts_at >= %(starts)s
  AND shift.starts_at < %(ends)s
  AND shift.starts_at > %(now)s
  AND (shift.employee_id, (shift.starts_at AT TIME ZONE branch.time_zone)::date)
      NOT IN (SELECT employee_id, day_on FROM by_hand)
  AND (shift.rotation_id, shift.starts_at, shift.ends_at)
      NOT IN (SELECT rotation_id, starts_at, ends_at FROM wanted)
RETURNING shift.employee_id
"""

# After `PLANNED`. Whatever stands in the way stays: the exclusion constraint says no to the row.
ADD_PLANNED = """,
missing AS (
    SELECT wanted.*
    FROM wanted
    WHERE (employee_id, day_on) NOT IN (SELECT employee_id, day_on FROM by_hand)
      AND NOT EXISTS (
          SELECT FROM clinic_shift shift
          WHERE shift.employee_id = wanted.employee_id
            AND shift.branch_id = wanted.branch_id
            AND shift.starts_at = wanted.starts_at
            AND shift.ends_at = wanted.ends_at
      )
),
added AS (
    INSERT INTO clinic_shift (employee_id, branch_id, starts_at, ends_at, rotation_id)
    SELECT employee_id, branch_id, starts_at, ends_at, rotation_id
    FROM missing
    ORDER BY starts_at, employee_id
    ON CONFLICT DO NOTHING
    RETURNING employee_id, starts_at
)
SELECT missing.employee_id, missing.day_on, added.employee_id IS NOT NULL
FROM missing
LEFT JOIN added
    ON added.employee_id = missing.employee_id AND added.starts_at = missing.starts_at
"""

# Shifts of some days of a branch again on other days: hours of the clock stay, not instants.
COPY = """
WITH copied AS (
    SELECT
        %(to_employee_id)s::bigint AS to_employee_id,
        shift.employee_id AS from_employee_id,
        (local.starts + make_interval(days => step.days))
            AT TIME ZONE branch.time_zone AS starts_at,
        (local.ends + make_interval(days => step.days)) AT TIME ZONE branch.time_zone AS ends_at,
        (local.starts + make_interval(days => step.days))::date AS day_on
    FROM clinic_shift shift
    JOIN clinic_branch branch ON branch.id = shift.branch_id
    CROSS JOIN LATERAL (
        SELECT shift.starts_at AT TIME ZONE branch.time_zone AS starts,
               shift.ends_at AT TIME ZONE branch.time_zone AS ends
    ) AS local
    CROSS JOIN unnest(%(steps)s::int[]) AS step(days)
    WHERE shift.branch_id = %(branch_id)s
      AND shift.employee_id = ANY (%(employee_ids)s)
      AND shift.starts_at >= %(starts)s
      AND shift.starts_at < %(ends)s
),
wanted AS (
    SELECT coalesce(to_employee_id, from_employee_id) AS employee_id, day_on, starts_at, ends_at,
           special.kind IS DISTINCT FROM 'CLOSED'
           AND (starts_at AT TIME ZONE branch.time_zone)::time
               >= coalesce(special.opens_at, branch.opens_at)
           AND (ends_at AT TIME ZONE branch.time_zone)::time
               <= coalesce(special.closes_at, branch.closes_at) AS is_open
    FROM copied
    JOIN clinic_branch branch ON branch.id = %(branch_id)s
    LEFT JOIN clinic_branchday special
        ON special.branch_id = branch.id AND special."on" = day_on
    WHERE starts_at < ends_at AND ends_at > %(now)s
),
missing AS (
    SELECT wanted.*
    FROM wanted
    WHERE NOT EXISTS (
        SELECT FROM clinic_shift shift
        WHERE shift.employee_id = wanted.employee_id
          AND shift.branch_id = %(branch_id)s
          AND shift.starts_at = wanted.starts_at
          AND shift.ends_at = wanted.ends_at
    )
),
added AS (
    INSERT INTO clinic_shift (employee_id, branch_id, starts_at, ends_at)
    SELECT employee_id, %(branch_id)s, starts_at, ends_at
    FROM missing
    WHERE is_open
    ORDER BY starts_at, employee_id
    ON CONFLICT DO NOTHING
    RETURNING employee_id, starts_at
)
SELECT missing.employee_id, missing.day_on, added.employee_id IS NOT NULL, is_open
FROM missing
LEFT JOIN added
    ON added.employee_id = missing.employee_id AND added.starts_at = missing.starts_at
"""
