-- What a campaign studio makes and learns: 2,300 concepts of twelve tenants, the large one of them has two thirds, with
-- their videos, analytics, feedback and critiques. After fill.0.sql, in its transaction: the tenants and the functions are
-- those of that file. Each partition of the analytics has the same number of rows.

CREATE TEMPORARY TABLE concept ON COMMIT DROP AS
SELECT
    t.n,
    t.id AS tenant_id,
    k,
    told.at,
    CASE
        WHEN t.n = 1 AND k = 1 THEN '00000000-0000-7000-8000-000000000041'
        ELSE pg_temp.id(format('concept %s of %s', k, t.n), told.at)
    END AS id,
    pg_temp.id(format('generation %s of %s', k, t.n), told.at) AS generation_id,
    CASE
        WHEN t.n = 1 AND k = 1 THEN '00000000-0000-7000-8000-000000000042'
        ELSE pg_temp.id(format('video %s of %s', k, t.n), told.at + interval '1 hour')
    END AS video_id,
    CASE
        WHEN t.n = 1 AND k = 1 THEN '00000000-0000-7000-8000-000000000043'
        ELSE pg_temp.id(format('feedback %s of %s', k, t.n), told.at + interval '2 days')
    END AS feedback_id,
    ('{tech,news,absurd,luxury,emotional,cartoon,gaming,fitness,food,finance,music,relationships}'::text [])[
        1 + k % 12
    ] AS category,
    ('{tiktok,youtube-shorts,instagram-reels}'::text [])[1 + k % 3] AS platform,
    round(pg_temp.chance(format('prediction %s of %s', k, t.n)) * 100) AS predicted,
    (100 + 100000 * pg_temp.chance(format('views %s of %s', k, t.n)))::bigint AS views,
    pg_temp.chance(format('likes %s of %s', k, t.n)) * 0.2 AS liking
FROM tenant AS t
CROSS JOIN LATERAL generate_series(1, CASE t.n WHEN 1 THEN 1500 ELSE 70 END) AS k
CROSS JOIN LATERAL (SELECT timestamptz '2025-01-01' + k * interval '5 hours' + t.n * interval '1 minute' AS at) AS told
WHERE t.n <= 12
ORDER BY t.n, k;

INSERT INTO studio.generations (tenant_id, id, concept_count, created_at, updated_at)
SELECT
    c.tenant_id,
    c.generation_id,
    1,
    c.at,
    c.at
FROM concept AS c
ORDER BY c.at, c.n;

INSERT INTO studio.concepts (
    tenant_id, id, generation_id, position, category, title, caption, virality, created_at, updated_at
)
SELECT
    c.tenant_id,
    c.id,
    c.generation_id,
    1,
    c.category,
    'Concept ' || c.k,
    pg_temp.prose(format('caption %s of %s', c.k, c.n), 20, 300),
    jsonb_build_object(c.platform, c.predicted),
    c.at,
    c.at
FROM concept AS c
ORDER BY c.at, c.n;

INSERT INTO studio.videos (
    tenant_id,
    id,
    concept_id,
    platform,
    provider,
    status,
    object_key,
    error,
    cost_micros,
    generated_at,
    created_at,
    updated_at
)
SELECT
    c.tenant_id,
    c.video_id,
    c.id,
    c.platform,
    'sora',
    made.status,
    CASE made.status WHEN 'completed' THEN format('videos/%s.mp4', c.k) END,
    CASE made.status WHEN 'failed' THEN 'The provider refused the prompt.' END,
    CASE made.status WHEN 'completed' THEN 2500000 END,
    CASE made.status WHEN 'completed' THEN c.at + interval '2 hours' END,
    c.at + interval '1 hour',
    c.at + interval '2 hours'
FROM concept AS c
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN c.k % 20 = 3 THEN 'failed'
            WHEN c.k % 50 = 7 THEN 'generating'
            ELSE 'completed'
        END AS status
) AS made
ORDER BY c.at, c.n;

INSERT INTO studio.analytics_snapshots (
    tenant_id, video_id, snapshot_at, views, likes, comments, shares, created_at
)
SELECT
    c.tenant_id,
    c.video_id,
    stored.month AT TIME ZONE 'UTC' + c.k * interval '20 minutes',
    c.views * stored.place,
    c.views * stored.place * c.liking,
    c.views * stored.place * c.liking / 20,
    c.views * stored.place * c.liking / 10,
    stored.month AT TIME ZONE 'UTC' + c.k * interval '20 minutes'
FROM concept AS c
CROSS JOIN (
    SELECT
        to_date(right(p.relname, 6), 'YYYYMM')::timestamp AS month,
        row_number() OVER (ORDER BY p.relname) AS place
    FROM pg_inherits AS i
    INNER JOIN pg_class AS p ON p.oid = i.inhrelid
    WHERE i.inhparent = 'studio.analytics_snapshots'::regclass
) AS stored
ORDER BY stored.month, c.at, c.n;

INSERT INTO studio.video_totals (tenant_id, video_id, snapshot_at, views, likes, comments, shares)
SELECT
    c.tenant_id,
    c.video_id,
    c.at + interval '7 days',
    c.views,
    c.views * c.liking,
    c.views * c.liking / 20,
    c.views * c.liking / 10
FROM concept AS c
ORDER BY c.at, c.n;

INSERT INTO studio.analytics_days (tenant_id, day, platform, snapshots, views, likes, comments, shares)
SELECT
    c.tenant_id,
    c.at::date,
    c.platform,
    count(*),
    sum(c.views),
    sum((c.views * c.liking)::bigint),
    sum((c.views * c.liking / 20)::bigint),
    sum((c.views * c.liking / 10)::bigint)
FROM concept AS c
GROUP BY c.tenant_id, c.at::date, c.platform
ORDER BY c.at::date, c.tenant_id, c.platform;

INSERT INTO studio.performance_feedback (
    tenant_id,
    id,
    concept_id,
    category,
    platform,
    views,
    likes,
    comments,
    shares,
    reported_at,
    created_at,
    updated_at
)
SELECT
    c.tenant_id,
    CASE later WHEN 0 THEN c.feedback_id ELSE pg_temp.id(format('later %s of %s', c.k, c.n), c.at + interval '5 days') END,
    c.id,
    c.category,
    c.platform,
    c.views * (1 + later),
    c.views * c.liking,
    c.views * c.liking / 20,
    c.views * c.liking / 10,
    c.at + (2 + 3 * later) * interval '1 day',
    c.at + (2 + 3 * later) * interval '1 day',
    c.at + (2 + 3 * later) * interval '1 day'
FROM concept AS c
CROSS JOIN LATERAL generate_series(0, c.k % 2) AS later
ORDER BY c.at, c.n, later;

INSERT INTO studio.self_critiques (
    tenant_id,
    id,
    concept_id,
    feedback_id,
    feedback_revision,
    category,
    platform,
    predicted_score,
    engagement_rate,
    critique,
    scoring_issues,
    adjustment_plan,
    confidence,
    applied_at,
    created_at,
    updated_at
)
SELECT
    c.tenant_id,
    CASE
        WHEN c.n = 1 AND c.k = 1 THEN '00000000-0000-7000-8000-000000000044'
        ELSE pg_temp.id(format('critique %s of %s', c.k, c.n), c.at + interval '3 days')
    END,
    c.id,
    c.feedback_id,
    1,
    c.category,
    c.platform,
    c.predicted,
    f.engagement_rate,
    pg_temp.prose(format('critique %s of %s', c.k, c.n), 100, 1000),
    ARRAY['issue ' || c.k % 40, 'issue ' || c.k % 7],
    'Weigh it less.',
    ('{low,medium,high}'::text [])[1 + c.k % 3],
    CASE WHEN c.k % 3 = 2 THEN c.at + interval '3 days' END,
    c.at + interval '3 days',
    c.at + interval '3 days'
FROM concept AS c
INNER JOIN studio.performance_feedback AS f
    ON f.tenant_id = c.tenant_id
    AND f.id = c.feedback_id
ORDER BY c.at, c.n;

INSERT INTO studio.scoring_adjustments (
    tenant_id, id, critique_id, category, platform, old_value, new_value, reason, applied_at
)
SELECT
    c.tenant_id,
    CASE c.id
        WHEN '00000000-0000-7000-8000-000000000044' THEN '00000000-0000-7000-8000-000000000046'
        ELSE pg_temp.id('adjustment of ' || c.id, c.created_at)
    END,
    c.id,
    c.category,
    c.platform,
    1,
    0.9,
    'over-predicted by 22 percent',
    c.created_at
FROM studio.self_critiques AS c
WHERE c.applied_at IS NOT NULL OR c.id = '00000000-0000-7000-8000-000000000044'
ORDER BY c.created_at, c.tenant_id;

INSERT INTO studio.reflexion_insights (
    tenant_id,
    id,
    category,
    platform,
    pattern,
    evidence_count,
    impact,
    recommendation,
    applied_to_scoring,
    last_seen_at,
    created_at,
    updated_at
)
SELECT
    c.tenant_id,
    CASE
        WHEN c.n = 1 AND c.k = 1 THEN '00000000-0000-7000-8000-000000000045'
        ELSE pg_temp.id(format('insight %s of %s', c.k, c.n), c.at)
    END,
    c.category,
    c.platform,
    'pattern ' || c.k,
    1 + c.k % 5,
    ('{positive,negative,neutral}'::text [])[1 + c.k % 3],
    'Predict less.',
    c.k % 5 < 3,
    c.at,
    c.at,
    c.at
FROM concept AS c
WHERE c.k <= 600
ORDER BY c.at, c.n;

INSERT INTO studio.audio_trends (
    tenant_id, id, platform, sound_id, sound_name, usage_count, trend_score, is_active, last_seen_at, created_at, updated_at
)
SELECT
    c.tenant_id,
    pg_temp.id(format('sound %s of %s', c.k, c.n), c.at),
    c.platform,
    'sound-' || c.k,
    'Sound ' || c.k,
    c.views,
    c.predicted,
    c.k % 4 <> 0,
    c.at,
    c.at,
    c.at
FROM concept AS c
ORDER BY c.at, c.n;

INSERT INTO studio.competitor_videos (
    tenant_id,
    id,
    platform,
    external_id,
    creator_username,
    category,
    views,
    likes,
    comments,
    published_at,
    scraped_at,
    created_at,
    updated_at
)
SELECT
    c.tenant_id,
    pg_temp.id(format('competitor %s of %s', c.k, c.n), c.at),
    c.platform,
    'video-' || c.k,
    'creator-' || c.k % 90,
    c.category,
    c.views,
    c.views * c.liking,
    c.views * c.liking / 20,
    c.at - interval '1 day',
    c.at,
    c.at,
    c.at
FROM concept AS c
ORDER BY c.at, c.n;
