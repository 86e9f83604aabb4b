-- name: studio.list_concepts :page
-- Concepts, newest first.
-- row: concept_item, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    c.id,
    c.generation_id,
    c.position,
    c.category,
    c.title,
    c.caption,
    c.hashtags,
    c.virality,
    c.trend_source,
    c.trend_topic,
    c.created_at,
    c.updated_at,
    c.revision
FROM studio.concepts AS c
WHERE c.tenant_id = :tenant_id
    AND c.id < :after_id
ORDER BY c.id DESC
LIMIT :limit + 1;
