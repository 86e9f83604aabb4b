-- name: studio.schedule_post :maybe
-- Schedules a post on the account that is named, or else on the best one of its platform that has a place on that day.
-- Of today a place is taken at once, of a later day when a worker claims the post. After studio.lock_social_accounts.
-- The score is of 100: 40 for places left, 30 for the niche (15 for a similar one, or none), 20 for age, in full after
-- 30 days, and 10 for how few posts wait. No row when the post is not one to schedule, the revision is another, or no
-- account has a place, at this time, for this video with this caption. Indexes: social_accounts_username_key,
-- social_posts_account, social_posts_once.
-- row: social_post
-- single: one post by its id, and the best account
-- param: tenant_id     uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id            uuid             = '00000000-0000-7000-8000-000000000035'
-- param: account_id    uuid NULL        = NULL
-- param: scheduled_for timestamptz NULL = NULL
-- param: revision      bigint NULL      = NULL
WITH post AS (
    SELECT
        p.id,
        p.platform,
        p.video_id,
        p.account_id,
        p.reserved_on,
        md5(p.caption) AS caption_hash,
        c.category,
        coalesce(:scheduled_for, now()) AS scheduled_for,
        (coalesce(:scheduled_for, now()) AT TIME ZONE 'UTC')::date AS day,
        (now() AT TIME ZONE 'UTC')::date AS today
    FROM studio.social_posts AS p
    INNER JOIN studio.videos AS v
        ON v.tenant_id = :tenant_id
        AND v.id = p.video_id
        AND v.status = 'completed'
    INNER JOIN studio.concepts AS c
        ON c.tenant_id = :tenant_id
        AND c.id = v.concept_id
    WHERE p.tenant_id = :tenant_id
        AND p.id = :id
        AND p.status IN ('draft', 'scheduled', 'failed')
        AND (:revision::bigint IS NULL OR p.revision = :revision)
),

candidate AS (
    SELECT
        a.id,
        a.niche,
        a.daily_limit,
        a.created_at,
        cardinality(
            array(
                SELECT other.id
                FROM studio.social_posts AS other
                WHERE other.tenant_id = :tenant_id
                    AND other.account_id = a.id
                    AND other.status = 'scheduled'
                ORDER BY other.scheduled_for
                LIMIT 10
            )
        ) AS waiting,
        planned.posts
        + CASE WHEN a.used_on = post.day THEN a.used_today ELSE 0 END
        - CASE WHEN post.account_id = a.id AND post.reserved_on = post.day THEN 1 ELSE 0 END AS used
    FROM post
    INNER JOIN studio.social_accounts AS a
        ON a.tenant_id = :tenant_id
        AND a.platform = post.platform
    INNER JOIN LATERAL (
        SELECT count(*) AS posts
        FROM studio.social_posts AS other
        WHERE other.tenant_id = :tenant_id
            AND other.account_id = a.id
            AND other.status = 'scheduled'
            AND other.scheduled_for >= post.day::timestamp AT TIME ZONE 'UTC'
            AND other.scheduled_for < (post.day + 1)::timestamp AT TIME ZONE 'UTC'
            AND other.reserved_on IS DISTINCT FROM post.day
            AND other.id <> post.id
    ) AS planned ON true
    -- Not by NOT EXISTS, of which the plan makes a join that reads all posts.
    INNER JOIN LATERAL (
        SELECT count(*) AS posts
        FROM studio.social_posts AS other
        WHERE other.tenant_id = :tenant_id
            AND other.account_id = a.id
            AND other.status IN ('scheduled', 'claimed', 'posted', 'unknown')
            AND other.scheduled_for > post.scheduled_for - make_interval(mins => a.min_distance_minutes)
            AND other.scheduled_for < post.scheduled_for + make_interval(mins => a.min_distance_minutes)
            AND other.id <> post.id
    ) AS near ON true
    INNER JOIN LATERAL (
        SELECT count(*) AS posts
        FROM studio.social_posts AS other
        WHERE other.tenant_id = :tenant_id
            AND other.account_id = a.id
            AND other.video_id = post.video_id
            AND md5(other.caption) = post.caption_hash
            AND other.status NOT IN ('draft', 'cancelled')
            AND other.id <> post.id
    ) AS same ON true
    WHERE a.is_active
        AND (:account_id::uuid IS NULL OR a.id = :account_id)
        AND near.posts + same.posts = 0
),

best AS (
    SELECT candidate.id
    FROM candidate
    CROSS JOIN post
    WHERE candidate.used < candidate.daily_limit
    ORDER BY
        40.0 * (candidate.daily_limit - candidate.used) / candidate.daily_limit
        + CASE
            WHEN candidate.niche IS NULL THEN 15
            WHEN lower(candidate.niche) = post.category THEN 30
            WHEN
                strpos(lower(candidate.niche), post.category) > 0
                OR strpos(post.category, lower(candidate.niche)) > 0
                THEN 15
            ELSE 0
        END
        + 20 * least(extract(EPOCH FROM now() - candidate.created_at) / extract(EPOCH FROM interval '30 days'), 1)
        + 10 - candidate.waiting DESC,
        candidate.id ASC
    LIMIT 1
)

UPDATE studio.social_posts AS p
SET
    account_id = best.id,
    status = 'scheduled',
    scheduled_for = post.scheduled_for,
    reserved_on = CASE WHEN post.day = post.today THEN post.today END,
    attempts = 0,
    first_failed_at = NULL,
    retry_at = NULL,
    error = NULL,
    overdue_told_at = NULL
FROM post
CROSS JOIN best
WHERE p.tenant_id = :tenant_id
    AND p.id = post.id
RETURNING
    p.id,
    p.video_id,
    p.platform,
    p.account_id,
    p.caption,
    p.idempotency_key,
    p.status,
    p.scheduled_for,
    p.reserved_on,
    p.attempts,
    p.max_attempts,
    p.retry_at,
    p.locked_by,
    p.lease_expires_at,
    p.error,
    p.external_id,
    p.post_url,
    p.posted_at,
    p.created_at,
    p.updated_at,
    p.revision;
