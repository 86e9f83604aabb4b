-- name: studio.count_concepts_by_day :many
-- How many generations and concepts there were on each day of UTC from one moment to before another, the latest first.
-- Index: generations_created.
-- replica: the counts of a moment ago will do
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: since     timestamptz = '2025-12-01T00:00:00Z'
-- param: until     timestamptz = '2026-01-01T00:00:00Z'
-- not null: day, generations, concepts
SELECT
    (g.created_at AT TIME ZONE 'UTC')::date AS day,
    count(*) AS generations,
    sum(g.concept_count) AS concepts
FROM studio.generations AS g
WHERE g.tenant_id = :tenant_id
    AND g.created_at >= :since
    AND g.created_at < :until
GROUP BY (g.created_at AT TIME ZONE 'UTC')::date
ORDER BY day DESC;
