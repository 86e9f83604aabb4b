-- A library of bench.rows resources with a version and a translation each, a twenty-fifth as many users, a two hundredth
-- as many teams, half as many runs. Nine tenths of everything belong to the first of two tenants: all whose number does
-- not end in 0. One user, the first tenant's first, has a hundredth of its resources and runs. One in ten resources is
-- private, and one in ten a team's; one in ten is not complete, and one in fifty is deleted. The last was created now,
-- the first a year ago. After functions.sql, in its transaction.

SET LOCAL work_mem = '256MB';

CREATE FUNCTION pg_temp.tenant_of(n bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN pg_temp.numbered('00000000', CASE WHEN n % 10 = 0 THEN 2 ELSE 1 END);

CREATE FUNCTION pg_temp.one_of(kind text, kinds bigint, n bigint, seed bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN pg_temp.numbered(kind, 10 * (seed % (kinds / 10)) + n % 10);

COMMENT ON FUNCTION pg_temp.one_of(text, bigint, bigint, bigint) IS
'One of so many of a kind that has the same tenant as the row numbered n.';

CREATE FUNCTION pg_temp.belonging(kind text, id uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN overlay(id::text PLACING kind FROM 1)::uuid;

COMMENT ON FUNCTION pg_temp.belonging(text, uuid) IS 'The id of the row of another kind that has the same number.';

CREATE TEMPORARY TABLE many ON COMMIT DROP AS
SELECT
    resources,
    resources / 25 AS users,
    resources / 200 AS teams,
    resources / 2 AS runs,
    interval '365 days' / resources AS pace,
    now() - interval '365 days' AS began_at
FROM pg_temp.wanted('rows', 10000) AS resources;

-- People ------------------------------------------------------------------------------------------------

INSERT INTO identity.tenants (id, name)
SELECT
    pg_temp.numbered('00000000', n),
    'Tenant ' || n
FROM generate_series(1, 2) AS n;

INSERT INTO identity.users (
    tenant_id, id, public_id, email, display_name, handle, is_private, languages, disabled_at, created_at
)
SELECT
    pg_temp.tenant_of(n),
    pg_temp.numbered('01890000', n),
    left(md5('user ' || n), 12),
    format('user-%s@example.com', n),
    format(
        '%s %s%s',
        (ARRAY['Ann', 'Bea', 'Carl', 'Dora', 'Emil', 'Fay', 'Gil', 'Hana'])[1 + n / 10 % 8],
        (ARRAY['Smith', 'Novak', 'Rossi', 'Meyer', 'Okoro'])[1 + n / 10 % 5],
        n / 400
    ),
    'user' || n,
    n / 10 % 10 = 3,
    '{en}',
    CASE WHEN n / 10 % 50 = 7 THEN many.began_at END,
    many.began_at
FROM many
CROSS JOIN LATERAL generate_series(0, many.users - 1) AS n;

INSERT INTO identity.user_words (tenant_id, word, id)
SELECT DISTINCT
    u.tenant_id,
    left(w.word, n) COLLATE "C" AS beginning,
    u.id
FROM identity.users AS u
CROSS JOIN unnest(tsvector_to_array(to_tsvector('simple', concat_ws(' ', u.display_name, u.handle)))) AS w (word)
CROSS JOIN generate_series(1, length(w.word)) AS n
ORDER BY u.tenant_id, beginning, u.id;

INSERT INTO identity.teams (
    tenant_id,
    id,
    public_id,
    name,
    handle,
    is_private,
    languages,
    parent_id,
    created_by_id,
    member_count,
    admin_count,
    created_at
)
SELECT
    pg_temp.tenant_of(n),
    pg_temp.numbered('01a00000', n),
    left(md5('team ' || n), 12),
    'Team ' || n,
    'team-' || n,
    n / 10 % 5 = 3,
    '{en}',
    -- Four are below every fifth.
    CASE WHEN n / 10 % 5 > 0 THEN pg_temp.numbered('01a00000', n - n / 10 % 5 * 10) END,
    pg_temp.one_of('01890000', many.users, n, n / 10 * 5),
    5,
    1,
    many.began_at
FROM many
CROSS JOIN LATERAL generate_series(0, many.teams - 1) AS n;

-- Five members each; the first user is in the first twenty of the tenant besides.
INSERT INTO identity.team_members (tenant_id, id, team_id, user_id, is_admin, permissions, audience, created_at)
SELECT
    t.tenant_id,
    pg_temp.numbered('01a80000', n * 6 + m),
    t.id,
    CASE WHEN m = 5 THEN pg_temp.numbered('01890000', 1) ELSE pg_temp.one_of('01890000', many.users, n, n / 10 * 5 + m) END,
    m = 0,
    '{write-resources,run-resources,write-chat}',
    t.audience,
    t.created_at
FROM many
CROSS JOIN LATERAL generate_series(0, many.teams - 1) AS n
CROSS JOIN LATERAL generate_series(0, CASE WHEN n < 200 AND n % 10 = 1 THEN 5 ELSE 4 END) AS m
INNER JOIN identity.teams AS t ON t.tenant_id = pg_temp.tenant_of(n) AND t.id = pg_temp.numbered('01a00000', n)
ON CONFLICT DO NOTHING;

INSERT INTO identity.chats (tenant_id, id, public_id, team_id, created_by_id, audience, created_at)
SELECT
    t.tenant_id,
    pg_temp.belonging('01a90000', t.id),
    t.public_id,
    t.id,
    t.created_by_id,
    t.audience,
    t.created_at
FROM identity.teams AS t;

INSERT INTO identity.chat_participants (tenant_id, id, team_id, chat_id, user_id, audience, created_at)
SELECT
    m.tenant_id,
    pg_temp.belonging('01aa0000', m.id),
    m.team_id,
    pg_temp.belonging('01a90000', m.team_id),
    m.user_id,
    m.audience,
    m.created_at
FROM identity.team_members AS m;

INSERT INTO identity.user_stats (tenant_id, user_id, period_type, period_start, period_end, runs_started)
SELECT
    u.tenant_id,
    u.id,
    'daily',
    day,
    day + interval '1 day',
    2
FROM identity.users AS u
CROSS JOIN generate_series(date_trunc('day', now()) - interval '30 days', now(), interval '3 days') AS day;

INSERT INTO identity.team_stats (tenant_id, team_id, period_type, period_start, period_end, runs_started, audience)
SELECT
    t.tenant_id,
    t.id,
    'daily',
    day,
    day + interval '1 day',
    2,
    t.audience
FROM identity.teams AS t
CROSS JOIN generate_series(date_trunc('day', now()) - interval '30 days', now(), interval '3 days') AS day;

-- Resources ---------------------------------------------------------------------------------------------

INSERT INTO library.resources (
    tenant_id,
    id,
    public_id,
    resource_type,
    is_private,
    created_by_id,
    owned_by_user_id,
    owned_by_team_id,
    has_complete_version,
    completed_at,
    score,
    bookmarks,
    views,
    deleted_at,
    deleted_by_id,
    created_at,
    updated_at
)
SELECT
    pg_temp.tenant_of(n),
    pg_temp.numbered('01a10000', n),
    left(md5('resource ' || n), 12),
    (ARRAY['Routine', 'Api', 'Project', 'Standard'])[1 + n / 10 % 4],
    n / 10 % 10 = 3,
    made.user_id,
    CASE WHEN n / 10 % 20 NOT IN (3, 5) THEN made.user_id END,
    CASE WHEN n / 10 % 20 IN (3, 5) THEN pg_temp.one_of('01a00000', many.teams, n, n / 200) END,
    n / 10 % 10 <> 7,
    CASE WHEN n / 10 % 10 <> 7 THEN made.at END,
    (100 * pg_temp.chance('score ' || n) ^ 6)::integer,
    n / 10 % 3,
    n / 10 % 4,
    CASE WHEN n / 10 % 50 = 21 THEN made.at + interval '1 hour' END,
    CASE WHEN n / 10 % 50 = 21 THEN made.user_id END,
    made.at,
    made.at + n / 10 % 1000 * interval '1 minute'
FROM many
CROSS JOIN LATERAL generate_series(0, many.resources - 1) AS n
CROSS JOIN LATERAL (
    SELECT
        many.began_at + n * many.pace AS at,
        CASE
            WHEN n % 100 = 1 THEN pg_temp.numbered('01890000', 1)
            ELSE pg_temp.one_of('01890000', many.users, n, n / 10 * 7)
        END AS user_id
) AS made;

INSERT INTO library.resource_versions (
    tenant_id, id, public_id, root_id, version_index, is_complete, audience, created_at, updated_at
)
SELECT
    r.tenant_id,
    pg_temp.belonging('01a20000', r.id),
    r.public_id,
    r.id,
    0,
    r.has_complete_version,
    r.audience,
    r.created_at,
    r.created_at
FROM library.resources AS r;

INSERT INTO library.resource_translations (
    tenant_id, id, version_id, language, name, description, audience, created_at, updated_at
)
SELECT
    pg_temp.tenant_of(n),
    pg_temp.numbered('01a30000', n),
    pg_temp.numbered('01a20000', n),
    'en',
    (ARRAY['Weekly', 'Daily', 'Quiet', 'Open', 'Careful', 'Simple', 'Second', 'Annual'])[1 + n / 10 % 8] || ' plan',
    format('Topic t%s of %s', n / 10 % 300, n),
    r.audience,
    r.created_at,
    r.created_at
FROM many
CROSS JOIN LATERAL generate_series(0, many.resources - 1) AS n
INNER JOIN library.resources AS r
    ON r.tenant_id = pg_temp.tenant_of(n)
    AND r.id = pg_temp.numbered('01a10000', n);

INSERT INTO library.resource_words (tenant_id, word, score, id)
SELECT
    r.tenant_id,
    w.word COLLATE "C" AS stem,
    r.score,
    r.id
FROM library.resources AS r
INNER JOIN library.resource_translations AS t
    ON t.tenant_id = r.tenant_id
    AND t.id = pg_temp.belonging('01a30000', r.id)
CROSS JOIN unnest(library.words_of(t.name, t.description) || (' ' || r.resource_type)) AS w (word)
WHERE r.is_listed
ORDER BY r.tenant_id, stem, r.score, r.id;

INSERT INTO library.bookmarks (tenant_id, id, user_id, resource_id, created_at)
SELECT
    pg_temp.tenant_of(n),
    pg_temp.numbered('01a40000', 2 * n + place),
    CASE
        WHEN n % 100 = 1 AND place = 1 THEN pg_temp.numbered('01890000', 1)
        ELSE pg_temp.one_of('01890000', many.users, n, n / 10 * 7 + place)
    END,
    pg_temp.numbered('01a10000', n),
    many.began_at + n * many.pace
FROM many
CROSS JOIN LATERAL generate_series(0, many.resources - 1) AS n
CROSS JOIN LATERAL generate_series(1, n / 10 % 3) AS place
ON CONFLICT DO NOTHING;

INSERT INTO library.resource_views (tenant_id, resource_id, user_id, viewed_on)
SELECT
    pg_temp.tenant_of(n),
    pg_temp.numbered('01a10000', n),
    pg_temp.one_of('01890000', many.users, n, n / 10 * 11 + place),
    (many.began_at + n * many.pace)::date
FROM many
CROSS JOIN LATERAL generate_series(0, many.resources - 1) AS n
CROSS JOIN LATERAL generate_series(1, n / 10 % 4) AS place
ON CONFLICT DO NOTHING;

-- Runs, of one in twenty versions -----------------------------------------------------------------------

INSERT INTO library.runs (
    tenant_id,
    id,
    version_id,
    user_id,
    team_id,
    name,
    is_private,
    was_run_automatically,
    status,
    due_at,
    attempts,
    locked_by,
    lease_id,
    lease_expires_at,
    started_at,
    completed_at,
    time_elapsed,
    created_at,
    updated_at
)
SELECT
    pg_temp.tenant_of(n),
    pg_temp.numbered('01a50000', n),
    pg_temp.one_of('01a20000', many.resources / 20, n, n / 10 * 13),
    CASE
        WHEN n % 100 = 1 THEN pg_temp.numbered('01890000', 1)
        ELSE pg_temp.one_of('01890000', many.users, n, n / 10 * 11)
    END,
    CASE WHEN n / 10 % 4 = 1 THEN pg_temp.one_of('01a00000', many.teams, n, n / 10) END,
    'Run ' || n,
    n / 10 % 3 > 0,
    made.automatically,
    made.status,
    made.at,
    1,
    CASE WHEN made.is_leased THEN 'runner' END,
    CASE WHEN made.is_leased THEN pg_temp.numbered('01ab0000', n) END,
    CASE WHEN made.is_leased THEN now() + interval '1 day' END,
    CASE WHEN made.status <> 'scheduled' THEN made.at END,
    CASE WHEN made.status IN ('completed', 'failed', 'cancelled') THEN made.at + interval '3 seconds' END,
    CASE WHEN made.status = 'completed' THEN 3000 END,
    made.at,
    made.at
FROM many
CROSS JOIN LATERAL generate_series(0, many.runs - 1) AS n
CROSS JOIN LATERAL (
    SELECT
        many.began_at + 2 * n * many.pace AS at,
        n % 10 IN (2, 4, 6) AS automatically,
        n % 10 IN (2, 4, 6) AND n / 100 % 20 = 1 AS is_leased,
        CASE n / 100 % 20
            WHEN 0 THEN 'scheduled'
            WHEN 1 THEN 'in_progress'
            WHEN 2 THEN 'failed'
            WHEN 3 THEN 'cancelled'
            WHEN 4 THEN 'paused'
            ELSE 'completed'
        END AS status
) AS made;

INSERT INTO library.run_steps (
    tenant_id, id, run_id, step, name, status, started_at, completed_at, audience, created_at, updated_at
)
SELECT
    r.tenant_id,
    pg_temp.belonging('01a60000', r.id),
    r.id,
    1,
    'Read',
    CASE WHEN r.status = 'completed' THEN 'completed' ELSE 'scheduled' END,
    CASE WHEN r.status = 'completed' THEN r.started_at END,
    CASE WHEN r.status = 'completed' THEN r.completed_at END,
    r.audience,
    r.created_at,
    r.created_at
FROM library.runs AS r
WHERE r.status <> 'scheduled' OR r.was_run_automatically;

INSERT INTO library.run_io (tenant_id, id, step_id, side, key, value, audience, created_at, updated_at)
SELECT
    s.tenant_id,
    pg_temp.belonging('01a70000', s.id),
    s.id,
    'input',
    'n',
    '12',
    s.audience,
    s.created_at,
    s.created_at
FROM library.run_steps AS s;

INSERT INTO library.run_counts (tenant_id, user_id, run_status, runs, runs_timed, run_milliseconds)
SELECT
    r.tenant_id,
    r.user_id,
    r.status,
    count(*),
    count(r.time_elapsed),
    coalesce(sum(r.time_elapsed), 0)
FROM library.runs AS r
GROUP BY r.tenant_id, r.user_id, r.status
ORDER BY r.tenant_id, r.user_id, r.status;

INSERT INTO library.imports (tenant_id, id, created_by_id, status, lines, done, finished_at, created_at)
SELECT
    pg_temp.tenant_of(n),
    pg_temp.numbered('01ac0000', n),
    pg_temp.one_of('01890000', many.users, n, 0),
    'completed',
    100,
    100,
    many.began_at + 100 * n * many.pace,
    many.began_at + 100 * n * many.pace
FROM many
CROSS JOIN LATERAL generate_series(0, many.resources / 100 - 1) AS n;
