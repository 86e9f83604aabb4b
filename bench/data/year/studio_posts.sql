-- What a year of a campaign studio posted: some accounts of each tenant, 18 of the large one, and a post of each
-- completed video, nearly all of them out. After studio.sql, in its transaction: the tenants and the functions are
-- those of desk.sql.

CREATE TEMPORARY TABLE account ON COMMIT DROP AS
SELECT
    t.n,
    k,
    t.id AS tenant_id,
    t.created_at + interval '30 days' AS at,
    p.platform,
    pg_temp.id(format('account %s on %s of %s', k, p.platform, t.n), t.created_at + interval '30 days') AS id
FROM tenant AS t
CROSS JOIN LATERAL generate_series(1, CASE t.n WHEN 1 THEN 6 ELSE 1 + t.n % 2 END) AS k
CROSS JOIN unnest('{tiktok,youtube,instagram}'::text []) AS p (platform)
ORDER BY t.n, p.platform, k;

INSERT INTO studio.social_accounts (
    tenant_id,
    id,
    platform,
    username,
    access_token,
    refresh_token,
    token_expires_at,
    niche,
    is_active,
    used_today,
    used_on,
    last_claimed_at,
    created_at,
    updated_at
)
SELECT
    a.tenant_id,
    a.id,
    a.platform,
    format('toaster_%s_%s', a.n, a.k),
    decode(repeat(md5('access ' || a.id), 8), 'hex'),
    decode(repeat(md5('refresh ' || a.id), 8), 'hex'),
    timestamptz '2026-01-01' + a.k * interval '1 day',
    CASE WHEN a.k % 3 > 0 THEN 'tech' END,
    a.k % 6 > 0 OR a.n > 1,
    3,
    date '2025-12-31',
    timestamptz '2025-12-31 18:00',
    a.at,
    a.at
FROM account AS a
ORDER BY a.n, a.platform, a.k;

CREATE TEMPORARY TABLE post ON COMMIT DROP AS
SELECT
    v.i,
    v.tenant_id,
    v.id AS video_id,
    v.platform,
    v.at,
    a.id AS account_id,
    pg_temp.id('post ' || v.i, v.at) AS id,
    CASE
        WHEN v.i > v.count - 200 THEN 'scheduled'
        WHEN v.i > v.count - 210 THEN 'claimed'
        WHEN v.i % 25 = 1 THEN 'failed'
        WHEN v.i % 40 = 3 THEN 'draft'
        WHEN v.i % 100 = 5 THEN 'cancelled'
        WHEN v.i % 900 = 7 THEN 'unknown'
        ELSE 'posted'
    END AS status
FROM (
    SELECT
        made.tenant_id,
        made.id,
        split_part(made.platform, '-', 1) AS platform,
        made.generated_at + interval '1 hour' AS at,
        row_number() OVER (ORDER BY made.generated_at, made.id) AS i,
        count(*) OVER () AS count
    FROM studio.videos AS made
    WHERE made.status = 'completed'
) AS v
CROSS JOIN LATERAL (
    SELECT account.id
    FROM account
    WHERE account.tenant_id = v.tenant_id AND account.platform = v.platform
    ORDER BY pg_temp.chance(format('post %s on %s', v.i, account.id))
    LIMIT 1
) AS a
ORDER BY v.i;

INSERT INTO studio.social_posts (
    tenant_id,
    id,
    video_id,
    platform,
    account_id,
    caption,
    idempotency_key,
    status,
    scheduled_for,
    reserved_on,
    attempts,
    first_failed_at,
    locked_by,
    lease_id,
    lease_expires_at,
    claimed_at,
    error,
    external_id,
    posted_at,
    created_at,
    updated_at
)
SELECT
    p.tenant_id,
    p.id,
    p.video_id,
    p.platform,
    CASE WHEN p.status <> 'draft' THEN p.account_id END,
    pg_temp.prose('caption of post ' || p.i, 40, 300),
    md5('key of post ' || p.i),
    p.status,
    CASE WHEN p.status <> 'draft' THEN p.at + interval '5 hours' END,
    CASE WHEN p.status IN ('claimed', 'posted', 'unknown') THEN (p.at + interval '5 hours')::date END,
    CASE WHEN p.status IN ('draft', 'scheduled', 'cancelled') THEN 0 ELSE 1 END,
    CASE WHEN p.status = 'failed' THEN p.at + interval '5 hours' END,
    CASE WHEN p.status IN ('claimed', 'posted', 'unknown', 'failed') THEN 'poster-' || p.i % 4 END,
    CASE WHEN p.status IN ('claimed', 'posted', 'unknown', 'failed') THEN pg_temp.id('lease of post ' || p.i, p.at) END,
    CASE WHEN p.status = 'claimed' THEN p.at + interval '6 hours' END,
    CASE WHEN p.status IN ('claimed', 'posted', 'unknown', 'failed') THEN p.at + interval '5 hours' END,
    CASE WHEN p.status IN ('failed', 'unknown') THEN 'the platform did not answer' END,
    CASE WHEN p.status = 'posted' THEN 'V' || p.i END,
    CASE WHEN p.status = 'posted' THEN p.at + interval '301 minutes' END,
    p.at,
    p.at + interval '6 hours'
FROM post AS p
ORDER BY p.i;

INSERT INTO studio.post_attempts (
    tenant_id, id, post_id, account_id, attempt, worker, outcome, error, started_at, finished_at
)
SELECT
    p.tenant_id,
    pg_temp.id(format('attempt %s of post %s', k, p.i), p.at + k * interval '1 hour'),
    p.id,
    p.account_id,
    k,
    'poster-' || p.i % 4,
    told.outcome,
    CASE WHEN told.outcome <> 'posted' THEN 'the platform did not answer' END,
    p.at + k * interval '1 hour',
    p.at + k * interval '61 minutes'
FROM post AS p
CROSS JOIN LATERAL generate_series(1, CASE p.status WHEN 'failed' THEN 5 ELSE 1 END) AS k
CROSS JOIN LATERAL (SELECT CASE p.status WHEN 'failed' THEN 'not_posted' ELSE p.status END AS outcome) AS told
WHERE p.status IN ('posted', 'failed', 'unknown')
ORDER BY p.i, k;

-- The rows that the samples name.

INSERT INTO studio.videos (
    tenant_id, id, concept_id, platform, provider, status, object_key, generated_at, ended_at, created_at, updated_at
)
VALUES (
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000032',
    '00000000-0000-7000-8000-000000000031',
    'tiktok',
    'sora',
    'completed',
    'videos/toaster.mp4',
    '2025-12-31',
    '2025-12-31',
    '2025-12-31',
    '2025-12-31'
)
ON CONFLICT DO NOTHING;

INSERT INTO studio.social_accounts (
    tenant_id, id, platform, username, access_token, niche, created_at, updated_at
)
VALUES (
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000034',
    'tiktok',
    'toaster',
    decode(repeat('00', 40), 'hex'),
    'tech',
    '2025-12-31',
    '2025-12-31'
);

INSERT INTO studio.social_posts (
    tenant_id,
    id,
    video_id,
    platform,
    account_id,
    caption,
    idempotency_key,
    status,
    scheduled_for,
    reserved_on,
    attempts,
    locked_by,
    lease_id,
    lease_expires_at,
    claimed_at,
    created_at,
    updated_at
)
VALUES (
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000035',
    '00000000-0000-7000-8000-000000000032',
    'tiktok',
    '00000000-0000-7000-8000-000000000034',
    'It burned my name into the bread.',
    'the sample',
    'claimed',
    '2025-12-31',
    '2025-12-31',
    1,
    'poster-1',
    pg_temp.sample('9'),
    '2025-12-31 00:01',
    '2025-12-31',
    '2025-12-31',
    '2025-12-31'
);
