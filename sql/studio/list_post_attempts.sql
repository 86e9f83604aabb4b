-- name: studio.list_post_attempts :page
-- What came of each attempt to post, the latest first.
-- Index: post_attempts_post.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: post_id   uuid = '00000000-0000-7000-8000-000000000035'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    t.id,
    t.account_id,
    t.attempt,
    t.worker,
    t.outcome,
    t.error,
    t.started_at,
    t.finished_at
FROM studio.post_attempts AS t
WHERE t.tenant_id = :tenant_id
    AND t.post_id = :post_id
    AND t.id < :after_id
ORDER BY t.id DESC
LIMIT :limit + 1;
