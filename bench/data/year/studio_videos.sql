-- What the videos of a campaign studio earned, and what was learned: every fourth video of studio.sql has analytics,
-- feedback and a critique. After that file, in its transaction. Each partition of the analytics has as many rows: of each
-- of these videos one, or as many as the setting bench.snapshots says.

INSERT INTO studio.videos (
    tenant_id, id, concept_id, platform, provider, status, object_key, generated_at, ended_at, created_at, updated_at
)
VALUES (
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000042',
    '00000000-0000-7000-8000-000000000031',
    'tiktok',
    'sora',
    'completed',
    'videos/42.mp4',
    '2025-12-31',
    '2025-12-31',
    '2025-12-31',
    '2025-12-31'
);

CREATE TEMPORARY TABLE posted ON COMMIT DROP AS
SELECT
    v.*,
    pg_temp.chance('prediction ' || v.k) * 100 AS predicted,
    (100 + 100000 * pg_temp.chance('views ' || v.k))::bigint AS views,
    pg_temp.chance('likes ' || v.k) * 0.2 AS liking
FROM (
    SELECT
        v.tenant_id,
        v.id AS video_id,
        v.concept_id AS id,
        c.category,
        v.platform,
        v.created_at AS at,
        v.id = '00000000-0000-7000-8000-000000000042' AS is_sample,
        row_number() OVER (ORDER BY v.created_at, v.id) AS k
    FROM studio.videos AS v
    INNER JOIN studio.concepts AS c
        ON c.tenant_id = v.tenant_id
        AND c.id = v.concept_id
    WHERE v.status = 'completed'
) AS v
-- Of the sample's concept one video only, whichever number the other one has.
WHERE (v.k % 4 = 0 AND v.id <> '00000000-0000-7000-8000-000000000031') OR v.is_sample
ORDER BY v.k;

INSERT INTO studio.analytics_snapshots (
    tenant_id, video_id, snapshot_at, views, likes, comments, shares, created_at
)
SELECT
    c.tenant_id,
    c.video_id,
    stored.month AT TIME ZONE 'UTC' + c.k % 2000 * interval '20 minutes' + (nth - 1) * interval '1 minute',
    c.views * stored.place,
    c.views * stored.place * c.liking,
    c.views * stored.place * c.liking / 20,
    c.views * stored.place * c.liking / 10,
    stored.month AT TIME ZONE 'UTC' + c.k % 2000 * interval '20 minutes' + (nth - 1) * interval '1 minute'
FROM posted AS c
CROSS JOIN (
    SELECT
        to_date(right(p.relname, 6), 'YYYYMM')::timestamp AS month,
        row_number() OVER (ORDER BY p.relname) AS place
    FROM pg_inherits AS i
    INNER JOIN pg_class AS p ON p.oid = i.inhrelid
    WHERE i.inhparent = 'studio.analytics_snapshots'::regclass
) AS stored
CROSS JOIN generate_series(1, pg_temp.wanted('snapshots', 1)) AS nth
ORDER BY stored.month, c.k, nth;

INSERT INTO studio.video_totals (tenant_id, video_id, snapshot_at, views, likes, comments, shares)
SELECT
    c.tenant_id,
    c.video_id,
    c.at + interval '7 days',
    c.views,
    c.views * c.liking,
    c.views * c.liking / 20,
    c.views * c.liking / 10
FROM posted AS c
ORDER BY c.k;

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
FROM posted AS c
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
    CASE
        WHEN c.is_sample AND later = 0 THEN '00000000-0000-7000-8000-000000000043'
        ELSE pg_temp.id(format('feedback %s of %s', later, c.k), c.at + interval '2 days')
    END,
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
FROM posted AS c
CROSS JOIN LATERAL generate_series(0, c.k % 2) AS later
ORDER BY c.k, later;

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
        WHEN c.is_sample THEN '00000000-0000-7000-8000-000000000044'
        ELSE pg_temp.id('critique ' || c.k, c.at + interval '3 days')
    END,
    c.id,
    f.id,
    1,
    c.category,
    c.platform,
    CASE WHEN c.is_sample THEN 78 ELSE round(c.predicted::numeric) END,
    f.engagement_rate,
    pg_temp.prose('critique ' || c.k, 100, 1000),
    ARRAY['issue ' || c.k % 40, 'issue ' || c.k % 7],
    'Weigh it less.',
    ('{low,medium,high}'::text [])[1 + c.k % 3],
    CASE WHEN c.k % 3 = 2 AND NOT c.is_sample THEN c.at + interval '3 days' END,
    c.at + interval '3 days',
    c.at + interval '3 days'
FROM posted AS c
INNER JOIN studio.performance_feedback AS f
    ON f.tenant_id = c.tenant_id
    AND f.id = CASE
        WHEN c.is_sample THEN '00000000-0000-7000-8000-000000000043'
        ELSE pg_temp.id(format('feedback %s of %s', 0, c.k), c.at + interval '2 days')
    END
ORDER BY c.k;

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
    CASE WHEN c.is_sample THEN '00000000-0000-7000-8000-000000000045' ELSE pg_temp.id('insight ' || c.k, c.at) END,
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
FROM posted AS c
WHERE c.k % 3 = 0 OR c.is_sample
ORDER BY c.k;

INSERT INTO studio.audio_trends (
    tenant_id, id, platform, sound_id, sound_name, usage_count, trend_score, is_active, last_seen_at, created_at, updated_at
)
SELECT
    c.tenant_id,
    pg_temp.id('sound ' || c.k, c.at),
    c.platform,
    'sound-' || c.k,
    'Sound ' || c.k,
    c.views,
    c.predicted,
    c.k % 5 <> 0,
    c.at,
    c.at,
    c.at
FROM posted AS c
ORDER BY c.k;

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
    pg_temp.id(format('competitor %s like %s', place, c.k), c.at),
    c.platform,
    format('video-%s-%s', c.k, place),
    'creator-' || c.k % 90,
    c.category,
    c.views + place,
    c.views * c.liking,
    c.views * c.liking / 20,
    c.at - interval '1 day',
    c.at,
    c.at,
    c.at
FROM posted AS c
CROSS JOIN generate_series(1, 5) AS place
ORDER BY c.k, place;

-- Every eighth hour of twenty days in each partition, of every type.
INSERT INTO operations.system_metrics (tenant_id, type, measured_at, source, cases, total, created_at)
SELECT
    t.tenant_id,
    m.type,
    stored.month AT TIME ZONE 'UTC' + h.nth * interval '1 hour',
    'draftroom',
    20,
    20 * pg_temp.chance(format('metric %s of %s', h.nth, m.type)),
    stored.month AT TIME ZONE 'UTC' + h.nth * interval '1 hour'
FROM (SELECT DISTINCT p.tenant_id FROM posted AS p) AS t
CROSS JOIN unnest(
    '{video_generation_rate,posting_success_rate,reflexion_accuracy,cost_per_video}'::text []
) AS m (type)
CROSS JOIN (
    SELECT to_date(right(p.relname, 6), 'YYYYMM')::timestamp AS month
    FROM pg_inherits AS i
    INNER JOIN pg_class AS p ON p.oid = i.inhrelid
    WHERE i.inhparent = 'operations.system_metrics'::regclass
) AS stored
CROSS JOIN generate_series(0, 479, 8) AS h (nth)
ORDER BY stored.month, t.tenant_id, m.type, h.nth;
