-- What all files of data use: those in this folder, of which bench.rows says how many rows they make, and those in
-- year/, of which the plans in tests/plans are made. A superuser runs this file and then them in one transaction, on a
-- migrated database. Triggers and foreign keys are off: every row has itself what a trigger would have made of it, and
-- references what is there.

SET LOCAL session_replication_role = replica;
SET LOCAL timezone = 'UTC';

CREATE FUNCTION pg_temp.numbered(kind text, n bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN (kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;

COMMENT ON FUNCTION pg_temp.numbered(text, bigint) IS
'A UUID version 7 that counts up: whoever knows the kind and the number of a row knows its id.';

CREATE FUNCTION pg_temp.sample(digit text) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN ('00000000-0000-7000-8000-00000000000' || digit)::uuid;

COMMENT ON FUNCTION pg_temp.sample(text) IS 'An id that a sample in sql/ names.';

CREATE FUNCTION pg_temp.chance(seed text) RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN ('x' || left(md5(seed), 8))::bit(32)::bigint / 4294967296::double precision;

COMMENT ON FUNCTION pg_temp.chance(text) IS 'From 0 to 1, evenly; the same for the same seed.';

CREATE FUNCTION pg_temp.id(seed text, made_at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN (
    lpad(to_hex((date_part('epoch', made_at) * 1000)::bigint), 12, '0')
    || overlay(overlay(left(md5(seed), 20) PLACING '7' FROM 1) PLACING '8' FROM 5)
)::uuid;

COMMENT ON FUNCTION pg_temp.id(text, timestamptz) IS 'A UUID version 7, as of that time.';

CREATE FUNCTION pg_temp.prose(seed text, shortest integer, longest integer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN rpad(
    '',
    (shortest + (longest - shortest) * pg_temp.chance(seed))::integer,
    'I ordered fuel line fittings last week, and they have not arrived. Could you look where they are? '
);

CREATE FUNCTION pg_temp.wanted(name text, usual integer) RETURNS integer
LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('bench.' || name, true), ''), usual::text)::integer;

COMMENT ON FUNCTION pg_temp.wanted(text, integer) IS 'What the setting bench.<name> says; as usual if it is not set.';
