-- name: studio.why_not_scheduled :maybe
-- Why studio.schedule_post found no account: whether the video is there, how many accounts there are, how many of them
-- have a place, and a post that is in the way on one. No row when there is no such post.
-- single: one post by its id, and one row of counts
-- param: tenant_id     uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id            uuid             = '00000000-0000-7000-8000-000000000035'
-- param: account_id    uuid NULL        = NULL
-- param: scheduled_for timestamptz NULL = NULL
-- not null: is_completed, accounts, with_place, seconds
WITH post AS (
    SELECT
        p.id,
        p.platform,
        p.video_id,
        p.account_id,
        p.reserved_on,
        md5(p.caption) AS caption_hash,
        v.status = 'completed' AS is_completed,
        coalesce(:scheduled_for, now()) AS scheduled_for,
        (coalesce(:scheduled_for, now()) AT TIME ZONE 'UTC')::date AS day
    FROM studio.social_posts AS p
    INNER JOIN studio.videos AS v
        ON v.tenant_id = :tenant_id
        AND v.id = p.video_id
    WHERE p.tenant_id = :tenant_id
        AND p.id = :id
)

SELECT
    post.is_completed,
    found.accounts,
    found.with_place,
    found.same_id,
    found.near_id,
    extract(EPOCH FROM (post.day + 1)::timestamp AT TIME ZONE 'UTC' - now())::integer AS seconds
FROM post
INNER JOIN LATERAL (
    SELECT
        count(*) AS accounts,
        count(*) FILTER (WHERE place.is_left) AS with_place,
        (array_agg(same.id) FILTER (WHERE place.is_left AND same.id IS NOT NULL))[1] AS same_id,
        (array_agg(near.id) FILTER (WHERE place.is_left AND near.id IS NOT NULL))[1] AS near_id
    FROM studio.social_accounts AS a
    INNER JOIN LATERAL (
        SELECT
            count(*)
            + CASE WHEN a.used_on = post.day THEN a.used_today ELSE 0 END
            - CASE WHEN post.account_id = a.id AND post.reserved_on = post.day THEN 1 ELSE 0 END
            < a.daily_limit AS is_left
        FROM studio.social_posts AS other
        WHERE other.tenant_id = :tenant_id
            AND other.account_id = a.id
            AND other.status = 'scheduled'
            AND other.scheduled_for >= post.day::timestamp AT TIME ZONE 'UTC'
            AND other.scheduled_for < (post.day + 1)::timestamp AT TIME ZONE 'UTC'
            AND other.reserved_on IS DISTINCT FROM post.day
            AND other.id <> post.id
    ) AS place ON true
    LEFT OUTER JOIN LATERAL (
        SELECT other.id
        FROM studio.social_posts AS other
        WHERE other.tenant_id = :tenant_id
            AND other.account_id = a.id
            AND other.video_id = post.video_id
            AND md5(other.caption) = post.caption_hash
            AND other.status NOT IN ('draft', 'cancelled')
            AND other.id <> post.id
    ) AS same ON true
    LEFT OUTER JOIN LATERAL (
        SELECT other.id
        FROM studio.social_posts AS other
        WHERE other.tenant_id = :tenant_id
            AND other.account_id = a.id
            AND other.status IN ('scheduled', 'claimed', 'posted', 'unknown')
            AND other.scheduled_for > post.scheduled_for - make_interval(mins => a.min_distance_minutes)
            AND other.scheduled_for < post.scheduled_for + make_interval(mins => a.min_distance_minutes)
            AND other.id <> post.id
        ORDER BY other.scheduled_for
        LIMIT 1
    ) AS near ON true
    WHERE a.tenant_id = :tenant_id
        AND a.platform = post.platform
        AND a.is_active
        AND (:account_id::uuid IS NULL OR a.id = :account_id)
) AS found ON true;
