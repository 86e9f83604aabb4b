-- name: studio.count_concepts_by_category :many
-- How many concepts of generations from one moment to before another are of each category, the most frequent first.
-- Index: concepts_created.
-- replica: the counts of a moment ago will do
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: since     timestamptz = '2025-12-01T00:00:00Z'
-- param: until     timestamptz = '2026-01-01T00:00:00Z'
-- not null: concepts, share
SELECT
    counted.category,
    counted.concepts,
    counted.concepts / sum(counted.concepts) OVER () AS share
FROM (
    SELECT
        c.category,
        count(*) AS concepts
    FROM studio.concepts AS c
    WHERE c.tenant_id = :tenant_id
        AND c.created_at >= :since
        AND c.created_at < :until
    GROUP BY c.category
) AS counted
ORDER BY counted.concepts DESC, counted.category ASC;
