-- A number in [0, 1) that depends only on the seed, a row and a salt: the same at every load.
CREATE OR REPLACE FUNCTION pg_temp.dice(id bigint, salt int) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (hashint8extended(id, %(seed)s * 1000 + salt) & 9007199254740991) / 9007199254740992.0
$$;

CREATE OR REPLACE FUNCTION pg_temp.pick(options text[], id bigint, salt int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT options[1 + floor(pg_temp.dice(id, salt) * cardinality(options))::int]
$$;

-- What each finished visit costs; the statements of the money share it.
DROP TABLE IF EXISTS pg_temp.bill;

CREATE TEMP TABLE bill (
    id bigint PRIMARY KEY,
    patient_id bigint,
    finished_at timestamptz,
    price numeric(10, 2),
    discount numeric(10, 2),
    extra numeric(10, 2),
    total numeric(10, 2),
    is_paid_at_once boolean
) ON COMMIT DROP;
