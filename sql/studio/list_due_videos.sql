-- name: studio.list_due_videos :many
-- Videos of which analytics are due: posted between 6 hours and 7 days ago, and not counted in the last 6 hours; the
-- longest waiting first, each with all its posts. Indexes: social_posts_posted, social_posts_video.
-- row: due_video, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: limit     int  = 50
-- not null: posted_at, posts
WITH posted AS (
    SELECT
        p.video_id,
        max(p.posted_at) AS posted_at
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
        posted.posted_at,
        v.concept_id,
        v.platform,
        t.snapshot_at
    FROM posted
    INNER JOIN studio.videos AS v
        ON v.tenant_id = :tenant_id
        AND v.id = posted.video_id
    LEFT OUTER JOIN studio.video_totals AS t
        ON t.tenant_id = :tenant_id
        AND t.video_id = posted.video_id
    WHERE t.snapshot_at IS NULL
        OR t.snapshot_at <= now() - interval '6 hours'
    ORDER BY t.snapshot_at ASC NULLS FIRST, posted.posted_at ASC, posted.video_id ASC
    LIMIT :limit
)

SELECT
    due.video_id,
    due.concept_id,
    due.platform,
    due.posted_at,
    due.snapshot_at,
    places.posts
FROM due
INNER JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object(
                'id', p.id,
                'platform', p.platform,
                'account_id', p.account_id,
                'external_id', p.external_id,
                'post_url', p.post_url,
                'posted_at', p.posted_at
            )
            ORDER BY p.id
        ) AS posts
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.video_id = due.video_id
        AND p.status = 'posted'
) AS places ON true
ORDER BY due.snapshot_at ASC NULLS FIRST, due.posted_at ASC, due.video_id ASC;
