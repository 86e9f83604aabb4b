-- name: studio.list_generations :page
-- Generations from one moment to before another, newest first. Index: generations_created.
-- row: generation_item, the original
-- param: tenant_id        uuid        = '00000000-0000-7000-8000-000000000001'
-- param: since            timestamptz = '2025-12-01T00:00:00Z'
-- param: until            timestamptz = '2026-01-01T00:00:00Z'
-- param: after_created_at timestamptz = 'infinity'
-- param: after_id         uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit            int         = 30
SELECT
    g.id,
    g.concept_count,
    g.model_key,
    g.created_by_id,
    g.favorite,
    g.created_at,
    g.updated_at,
    g.revision
FROM studio.generations AS g
WHERE g.tenant_id = :tenant_id
    AND g.created_at >= :since
    -- The nearer of two bounds: given both, a scan of the index may begin at the farther one.
    AND g.created_at <= least(:until::timestamptz - interval '1 microsecond', :after_created_at)
    AND (g.created_at, g.id) < (:after_created_at, :after_id)
ORDER BY g.created_at DESC, g.id DESC
LIMIT :limit + 1;
