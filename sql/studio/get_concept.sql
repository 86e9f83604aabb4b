-- name: studio.get_concept :one
-- A concept with all that it says.
-- row: concept, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000031'
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
    c.revision,
    c.script,
    c.prompts,
    c.why_it_works,
    c.monetization,
    c.variants,
    c.post_time
FROM studio.concepts AS c
WHERE c.tenant_id = :tenant_id
    AND c.id = :id;
