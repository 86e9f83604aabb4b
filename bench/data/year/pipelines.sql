-- A year of innovation pipelines: 20,000 runs of twelve tenants, the large one of them has half, a fifth of these are
-- one user's. After desk.sql, in its transaction: the tenants and the functions are those of that file.

CREATE TEMPORARY TABLE run ON COMMIT DROP AS
SELECT
    i,
    t.n,
    t.id AS tenant_id,
    began.at,
    CASE
        WHEN i % 10 = 0 AND t.n = 1 THEN pg_temp.sample('2')
        ELSE pg_temp.id(format('user %s of %s', 1 + i * 7 % t.users, t.n), t.created_at)
    END AS user_id,
    pg_temp.id('pipeline run ' || i, began.at) AS id,
    CASE
        WHEN i > 19980 THEN 'pending'
        WHEN i > 19970 THEN 'running'
        WHEN luck.chance < 0.90 THEN 'completed'
        WHEN luck.chance < 0.97 THEN 'failed'
        ELSE 'cancelled'
    END AS status
FROM generate_series(1, 20000) AS i
CROSS JOIN LATERAL (SELECT timestamptz '2025-01-02' + i * interval '26 minutes' AS at) AS began
CROSS JOIN LATERAL (SELECT pg_temp.chance('pipeline run ' || i) AS chance) AS luck
INNER JOIN tenant AS t ON t.n = CASE WHEN i % 2 = 0 THEN 1 ELSE 2 + i % 11 END
ORDER BY i;

INSERT INTO pipelines.runs (
    tenant_id,
    id,
    user_id,
    company_id,
    company_name,
    document_name,
    document_url,
    document_type,
    document_size,
    pipeline_version,
    status,
    current_stage,
    due_at,
    attempts,
    locked_by,
    lease_id,
    lease_expires_at,
    error_message,
    started_at,
    completed_at,
    created_at,
    updated_at
)
SELECT
    r.tenant_id,
    r.id,
    r.user_id,
    'company-' || r.i % 40,
    'Company ' || r.i % 40,
    format('trend-report-%s.pdf', r.i),
    format('https://files-%s.example/%s.pdf', r.n, r.i),
    'application/pdf',
    1 + floor(pg_temp.chance('size ' || r.i) * 26214399)::bigint,
    CASE WHEN r.status <> 'pending' THEN '2.1' END,
    r.status,
    CASE r.status WHEN 'completed' THEN 5 WHEN 'pending' THEN 0 ELSE 1 + r.i % 4 END,
    r.at,
    CASE r.status WHEN 'pending' THEN 0 ELSE 1 END,
    CASE WHEN r.status <> 'pending' THEN 'pipeline-' || r.i % 4 END,
    CASE WHEN r.status <> 'pending' THEN pg_temp.id('lease ' || r.i, r.at) END,
    CASE WHEN r.status = 'running' THEN r.at + interval '2 minutes' END,
    CASE WHEN r.status = 'failed' THEN 'the model did not answer' END,
    CASE WHEN r.status <> 'pending' THEN r.at + interval '1 minute' END,
    CASE WHEN r.status NOT IN ('pending', 'running') THEN r.at + interval '12 minutes' END,
    r.at,
    r.at + interval '12 minutes'
FROM run AS r
ORDER BY r.i;

INSERT INTO pipelines.stage_outputs (
    tenant_id,
    id,
    run_id,
    user_id,
    stage_number,
    name,
    status,
    markdown_output,
    json_output,
    created_at,
    updated_at
)
SELECT
    r.tenant_id,
    pg_temp.id(format('stage %s of %s', stage, r.i), r.at),
    r.id,
    r.user_id,
    stage,
    'Stage ' || stage,
    'completed',
    pg_temp.prose(format('stage %s of %s', stage, r.i), 200, 3000),
    '{"signals": 3}',
    r.at + stage * interval '2 minutes',
    r.at + stage * interval '2 minutes'
FROM run AS r
CROSS JOIN LATERAL generate_series(1, CASE r.status WHEN 'completed' THEN 5 WHEN 'pending' THEN 0 ELSE r.i % 4 END)
    AS stage
ORDER BY r.i, stage;

INSERT INTO pipelines.inspiration_reports (
    tenant_id,
    id,
    run_id,
    user_id,
    inspiration1_title,
    inspiration1_content,
    inspiration1_elements,
    inspiration2_title,
    inspiration2_content,
    inspiration2_elements,
    created_at,
    updated_at
)
SELECT
    r.tenant_id,
    pg_temp.id('report of ' || r.i, r.at),
    r.id,
    r.user_id,
    'Oat milk',
    pg_temp.prose('first of ' || r.i, 200, 900),
    '{oats,barista}',
    'Refill',
    pg_temp.prose('second of ' || r.i, 200, 900),
    '{shops}',
    r.at + interval '3 minutes',
    r.at + interval '3 minutes'
FROM run AS r
WHERE r.status = 'completed'
ORDER BY r.i;

INSERT INTO pipelines.opportunity_cards (
    tenant_id,
    id,
    run_id,
    user_id,
    number,
    title,
    tagline,
    problem,
    solution,
    why_now,
    target_segment,
    quick_win,
    starred,
    created_at,
    updated_at
)
SELECT
    r.tenant_id,
    pg_temp.id(format('card %s of %s', number, r.i), r.at),
    r.id,
    r.user_id,
    number,
    format('Opportunity %s of %s', number, r.i),
    'A sentence about it.',
    pg_temp.prose('problem ' || r.i, 60, 300),
    pg_temp.prose('solution ' || r.i, 60, 300),
    'The price of milk',
    'Cafés',
    'A tasting',
    (r.i + number) % 10 = 0,
    r.at + interval '12 minutes',
    r.at + interval '12 minutes'
FROM run AS r
CROSS JOIN generate_series(1, 5) AS number
WHERE r.status = 'completed'
ORDER BY r.i, number;

INSERT INTO pipelines.webhooks (tenant_id, id, secret, created_at, updated_at)
SELECT
    t.id,
    pg_temp.id('webhook of ' || t.n, t.created_at),
    decode(repeat(md5('webhook of ' || t.n), 4), 'hex'),
    t.created_at,
    t.created_at
FROM tenant AS t
WHERE t.n <= 12
ORDER BY t.n;

-- The rows that the samples name.

INSERT INTO pipelines.runs (
    tenant_id,
    id,
    user_id,
    external_id,
    company_id,
    company_name,
    document_name,
    document_url,
    status,
    current_stage,
    attempts,
    locked_by,
    lease_id,
    completed_at,
    created_at,
    updated_at
)
VALUES (
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000021',
    pg_temp.sample('2'),
    'run-2025-01-21',
    'lactalis-canada',
    'Lactalis',
    'trend-report.pdf',
    'https://example.com/trend-report.pdf',
    'completed',
    5,
    1,
    'pipeline-1',
    pg_temp.sample('9'),
    '2025-12-31',
    '2025-12-31',
    '2025-12-31'
);

INSERT INTO pipelines.opportunity_cards (
    tenant_id,
    id,
    run_id,
    user_id,
    number,
    title,
    tagline,
    problem,
    solution,
    why_now,
    target_segment,
    quick_win,
    starred,
    created_at,
    updated_at
)
VALUES (
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000022',
    '00000000-0000-7000-8000-000000000021',
    pg_temp.sample('2'),
    1,
    'Oat cheese',
    'A sentence about it.',
    'Cheese needs cows.',
    'Oats.',
    'The price of milk',
    'Cafés',
    'A tasting',
    true,
    '2025-12-31',
    '2025-12-31'
);
