-- name: studio.request_snapshots :many
-- A job of type scrape-analytics for each video of which analytics are due, as studio.list_due_videos has them; not
-- while an earlier one waits or runs, nor twice within a quarter of a day, which is part of the unique_key.
-- Indexes: social_posts_posted, jobs_type_status, jobs_unique_key.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: limit     int  = 50
WITH posted AS MATERIALIZED (
    SELECT
        p.video_id,
        max(p.posted_at) AS posted_at,
        p.video_id || ':' || floor(extract(EPOCH FROM now()) / 21600) AS unique_key
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.status = 'posted'
        -- All there are, for the index.
        AND p.platform IN ('tiktok', 'youtube', 'instagram')
        AND p.posted_at > now() - interval '7 days'
        AND p.posted_at <= now() - interval '6 hours'
    GROUP BY p.video_id
),

due AS (
    SELECT
        posted.video_id,
        posted.unique_key
    FROM posted
    LEFT OUTER JOIN studio.video_totals AS t
        ON t.tenant_id = :tenant_id
        AND t.video_id = posted.video_id
    WHERE (t.snapshot_at IS NULL OR t.snapshot_at <= now() - interval '6 hours')
        AND NOT EXISTS (
            SELECT 1 FROM operations.jobs AS j
            WHERE j.tenant_id = :tenant_id
                AND j.type = 'scrape-analytics'
                AND j.status IN ('queued', 'running')
                AND j.payload ->> 'video_id' = posted.video_id::text
        )
        AND NOT EXISTS (
            SELECT 1 FROM operations.jobs AS j
            WHERE j.tenant_id = :tenant_id
                AND j.type = 'scrape-analytics'
                AND j.unique_key = posted.unique_key
                AND j.holds_key
        )
    ORDER BY t.snapshot_at ASC NULLS FIRST, posted.posted_at ASC, posted.video_id ASC
    LIMIT :limit
)

INSERT INTO operations.jobs (tenant_id, type, unique_key, unique_while, max_attempts, payload)
SELECT
    :tenant_id,
    'scrape-analytics',
    due.unique_key,
    -- Also while it is cancelled, so that it does not come again within the quarter.
    '{queued,running,succeeded,failed,cancelled}',
    3,
    jsonb_build_object('video_id', due.video_id)
FROM due
ON CONFLICT DO NOTHING
RETURNING id;
