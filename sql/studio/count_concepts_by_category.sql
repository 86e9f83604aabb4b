-- name: studio.count_concepts_by_category :many
-- How many concepts of the days from one moment to before another are of each category, the most frequent first.
-- Index: the primary key of concept_days.
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
        d.value AS category,
        sum(d.concepts)::bigint AS concepts
    FROM studio.concept_days AS d
    WHERE d.tenant_id = :tenant_id
        AND d.attribute = 'category'
        AND d.day >= (:since AT TIME ZONE 'UTC')::date
        AND d.day < (:until AT TIME ZONE 'UTC')::date
    GROUP BY d.value
    HAVING sum(d.concepts) > 0
) AS counted
ORDER BY counted.concepts DESC, counted.category ASC;
