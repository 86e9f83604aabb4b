-- name: studio.lock_social_accounts :exec
-- Before studio.schedule_post: waits for whoever takes or gives back a place of the accounts that a post may go out
-- on, so that it counts what then is. The post first, as whoever reports on one does, then the accounts in one order:
-- so nobody waits in a circle. Index: social_accounts_username_key.
-- param: tenant_id  uuid      = '00000000-0000-7000-8000-000000000001'
-- param: id         uuid      = '00000000-0000-7000-8000-000000000035'
-- param: account_id uuid NULL = NULL
WITH post AS (
    SELECT
        p.platform,
        p.account_id
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.id = :id
    FOR NO KEY UPDATE
)

SELECT a.id
FROM post
INNER JOIN studio.social_accounts AS a
    ON a.tenant_id = :tenant_id
    AND a.platform = post.platform
WHERE :account_id::uuid IS NULL
    OR a.id IN (:account_id, post.account_id)
ORDER BY a.id
FOR NO KEY UPDATE OF a;
