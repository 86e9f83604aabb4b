-- A year of the library's runs: 60,000 of twelve tenants, the large one of them has half, a tenth of these are one
-- user's; of 500 versions in each tenant, every fourth one for a team. After desk.sql, in its transaction: the tenants
-- and the functions are those of that file.

CREATE TEMPORARY TABLE runnable ON COMMIT DROP AS
SELECT
    v.tenant_id,
    v.id,
    row_number() OVER (PARTITION BY v.tenant_id ORDER BY v.id) AS place
FROM library.resource_versions AS v;

CREATE INDEX ON runnable (tenant_id, place);
ANALYZE runnable;

CREATE TEMPORARY TABLE library_run ON COMMIT DROP AS
SELECT
    i,
    t.n,
    t.id AS tenant_id,
    began.at,
    CASE
        WHEN i % 10 = 0 AND t.n = 1 THEN pg_temp.sample('2')
        ELSE pg_temp.id(format('user %s of %s', 1 + i * 7 % t.users, t.n), t.created_at)
    END AS user_id,
    CASE
        WHEN i % 500 = 0 AND t.n = 1 THEN '00000000-0000-7000-8000-000000000072'
        ELSE (
            SELECT v.id FROM runnable AS v
            WHERE v.tenant_id = t.id AND v.place = 1 + (i * 13) % 500
        )
    END AS version_id,
    (SELECT team.id FROM team WHERE i % 4 = 0 AND team.n = t.n AND team.k = 2 + i % 5) AS team_id,
    pg_temp.id('library run ' || i, began.at) AS id,
    CASE
        WHEN i > 59900 THEN 'scheduled'
        WHEN i > 59800 THEN 'in_progress'
        WHEN luck.chance < 0.88 THEN 'completed'
        WHEN luck.chance < 0.95 THEN 'failed'
        WHEN luck.chance < 0.99 THEN 'cancelled'
        ELSE 'paused'
    END AS status
FROM generate_series(1, 60000) AS i
CROSS JOIN LATERAL (SELECT timestamptz '2025-01-02' + i * interval '8 minutes' AS at) AS began
CROSS JOIN LATERAL (SELECT pg_temp.chance('library run ' || i) AS chance) AS luck
INNER JOIN tenant AS t ON t.n = CASE WHEN i % 2 = 0 THEN 1 ELSE 2 + i % 11 END
ORDER BY i;

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
    data,
    due_at,
    attempts,
    locked_by,
    lease_id,
    lease_expires_at,
    error,
    started_at,
    completed_at,
    time_elapsed,
    created_at,
    updated_at
)
SELECT
    r.tenant_id,
    r.id,
    r.version_id,
    r.user_id,
    r.team_id,
    'Run ' || r.i,
    r.i % 5 > 0,
    r.i % 3 = 0,
    r.status,
    '{"temperature": 0.2}',
    r.at,
    CASE WHEN r.status <> 'scheduled' AND r.i % 3 = 0 THEN 1 ELSE 0 END,
    CASE WHEN r.status <> 'scheduled' AND r.i % 3 = 0 THEN 'runner-1' END,
    CASE WHEN r.status <> 'scheduled' AND r.i % 3 = 0 THEN md5('library lease ' || r.i)::uuid END,
    CASE WHEN r.status = 'in_progress' AND r.i % 3 = 0 THEN r.at + interval '1 minute' END,
    CASE WHEN r.status = 'failed' THEN 'the model did not answer' END,
    CASE WHEN r.status NOT IN ('scheduled', 'cancelled') THEN r.at END,
    CASE WHEN r.status IN ('completed', 'failed', 'cancelled') THEN r.at + interval '2 minutes' END,
    CASE WHEN r.status = 'completed' THEN 1000 + r.i % 90000 END,
    r.at,
    r.at
FROM library_run AS r
ORDER BY r.i;

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

-- Two steps of every third run, with an input and an output each.
INSERT INTO library.run_steps (
    tenant_id, id, run_id, step, name, status, started_at, completed_at, time_elapsed, audience, created_at, updated_at
)
SELECT
    r.tenant_id,
    pg_temp.id(format('step %s of library run %s', s, r.i), r.at),
    r.id,
    s,
    'Step ' || s,
    'completed',
    r.at,
    r.at + s * interval '1 minute',
    60000,
    CASE WHEN r.i % 5 > 0 THEN coalesce(r.team_id, r.user_id) ELSE r.tenant_id END,
    r.at,
    r.at
FROM library_run AS r
CROSS JOIN generate_series(1, 2) AS s
WHERE r.i % 3 = 0
ORDER BY r.i, s;

INSERT INTO library.run_io (tenant_id, id, step_id, side, key, value, audience, created_at, updated_at)
SELECT
    s.tenant_id,
    pg_temp.id(format('%s of %s', e.side, s.id), s.created_at),
    s.id,
    e.side,
    'words',
    '12',
    s.audience,
    s.created_at,
    s.created_at
FROM library.run_steps AS s
CROSS JOIN unnest('{input,output}'::text []) AS e (side)
ORDER BY s.created_at, s.id, e.side;
