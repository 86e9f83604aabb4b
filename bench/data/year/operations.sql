-- What the operators of the tenants keep: rules of retention, erasures, of which one is still to be done, what was
-- counted of the API's use, and what waits.
INSERT INTO operations.retention_rules (tenant_id, id, subject, days, created_at, updated_at)
SELECT
    t.id,
    pg_temp.id(format('rule for %s of %s', s.subject, t.id), '2026-01-01'),
    s.subject,
    365,
    '2026-01-01',
    '2026-01-01'
FROM identity.tenants AS t
CROSS JOIN unnest('{open_conversations,closed_conversations,model_runs,notifications,jobs}'::text []) AS s (subject)
ORDER BY t.id, s.subject;

INSERT INTO operations.erasures (
    tenant_id, id, person, email, dry_run, counts, requested_by, finished_at, created_at, updated_at
)
SELECT
    t.id,
    pg_temp.id(format('erasure %s of %s', n.n, t.id), d.at),
    repeat(md5(n.n::text), 2),
    CASE WHEN n.n = 200 THEN 'customer@example.com' END,
    n.n % 10 = 0,
    '{"inbox.conversations": 1, "inbox.messages": 4}',
    'user:' || pg_temp.sample('2'),
    CASE WHEN n.n < 200 THEN d.at + interval '1 minute' END,
    d.at,
    d.at
FROM identity.tenants AS t
CROSS JOIN generate_series(1, 200) AS n (n)
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01' + n.n * interval '1 hour' AS at) AS d
ORDER BY t.id, n.n;

-- Twenty hours of each partition.
INSERT INTO operations.api_usage (
    tenant_id,
    hour,
    caller,
    method,
    route,
    status,
    requests,
    total_ms,
    max_ms,
    within_2_ms,
    within_5_ms,
    within_10_ms,
    within_25_ms,
    within_50_ms,
    within_100_ms,
    within_250_ms,
    within_1_s,
    within_5_s
)
SELECT
    t.id,
    stored.month AT TIME ZONE 'UTC' + h.nth * interval '1 hour',
    'user',
    'GET',
    r.route,
    200,
    100,
    500,
    40,
    20,
    50,
    80,
    90,
    100,
    100,
    100,
    100,
    100
FROM identity.tenants AS t
CROSS JOIN unnest('{/v1/conversations,/v1/drafts/feed,/v1/tweets,/v1/resources}'::text []) AS r (route)
CROSS JOIN (
    SELECT to_date(right(p.relname, 6), 'YYYYMM')::timestamp AS month
    FROM pg_inherits AS i
    INNER JOIN pg_class AS p ON p.oid = i.inhrelid
    WHERE i.inhparent = 'operations.api_usage'::regclass
) AS stored
CROSS JOIN generate_series(0, 19) AS h (nth)
ORDER BY stored.month, t.id, h.nth, r.route;

INSERT INTO operations.backlog (kind, state, total, oldest_at, measured_at)
VALUES
('jobs', 'due', 12, '2026-01-02 12:00:00+00', '2026-01-02 12:05:00+00'),
('jobs', 'running', 3, NULL, '2026-01-02 12:05:00+00'),
('replies', 'due', 0, NULL, '2026-01-02 12:05:00+00'),
('events', 'held', 0, NULL, '2026-01-02 12:05:00+00');
