-- name: studio.retry_posts :exec
-- Failed posts whose time to be tried again has come, 20 at a time, the longest waiting first. Their time stays what
-- it was and they take a place when they are claimed. Runs before every claim. Index: social_posts_retry.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
WITH again AS (
    SELECT p.id
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.retry_at <= now()
    ORDER BY p.retry_at, p.id
    LIMIT 20
    FOR NO KEY UPDATE SKIP LOCKED
)

UPDATE studio.social_posts AS p
SET
    status = 'scheduled',
    retry_at = NULL
WHERE p.tenant_id = :tenant_id
    AND p.id = any(array(SELECT again.id FROM again));
