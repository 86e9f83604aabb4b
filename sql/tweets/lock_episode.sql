-- name: tweets.lock_episode :exec
-- Lets one after another add steps to an episode. A statement of its own, sent before the next: what others committed
-- while it waited must be visible to that one.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000012'
SELECT e.id
FROM tweets.episodes AS e
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
FOR NO KEY UPDATE;
