-- name: studio.count_concepts_by_trend :many
-- The hundred trends that most concepts from one moment to before another follow.
-- Index: concepts_created.
-- replica: the counts of a moment ago will do
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: since     timestamptz = '2025-12-01T00:00:00Z'
-- param: until     timestamptz = '2026-01-01T00:00:00Z'
-- not null: trend_topic, concepts, generations
SELECT
    c.trend_topic,
    count(*) AS concepts,
    count(DISTINCT c.generation_id) AS generations
FROM studio.concepts AS c
WHERE c.tenant_id = :tenant_id
    AND c.trend_topic IS NOT NULL
    AND c.created_at >= :since
    AND c.created_at < :until
GROUP BY c.trend_topic
ORDER BY concepts DESC, c.trend_topic ASC
LIMIT 100;
