-- name: studio.record_insights :many
-- Patterns that critiques found: each adds to the evidence of its category, platform and pattern, however often it
-- is in the list. What is known of it beside that stays. In the order of the keys, so that two lists do not wait
-- for each other in turn. Index: reflexion_insights_pattern_key.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: insights  jsonb = '[]'
-- not null: outcome
WITH item AS (
    SELECT
        given.category,
        given.platform,
        given.pattern,
        given.impact,
        given.recommendation,
        listed.place
    FROM jsonb_array_elements(:insights::jsonb) WITH ORDINALITY AS listed (insight, place)
    CROSS JOIN
        LATERAL jsonb_to_record(listed.insight)
            AS given (category text, platform text, pattern text, impact text, recommendation text)
),

found AS (
    SELECT DISTINCT ON (item.category, item.platform, item.pattern)
        item.category,
        item.platform,
        item.pattern,
        item.impact,
        item.recommendation,
        count(*) OVER (PARTITION BY item.category, item.platform, item.pattern) AS times
    FROM item
    ORDER BY item.category, item.platform, item.pattern, item.place
),

stored AS (
    INSERT INTO studio.reflexion_insights AS i (
        tenant_id,
        category,
        platform,
        pattern,
        impact,
        recommendation,
        evidence_count
    )
    SELECT
        :tenant_id,
        found.category,
        found.platform,
        found.pattern,
        found.impact,
        found.recommendation,
        found.times
    FROM found
    ORDER BY found.category, found.platform, studio.pattern_hash(found.pattern)
    ON CONFLICT (tenant_id, pattern_hash, category, platform) DO UPDATE
        SET
            evidence_count = i.evidence_count + excluded.evidence_count,
            last_seen_at = greatest(i.last_seen_at, excluded.last_seen_at)
    RETURNING
        i.id,
        i.category,
        i.platform,
        i.pattern
)

SELECT
    stored.id,
    'done' AS outcome
FROM item
INNER JOIN stored
    ON stored.category = item.category
    AND stored.platform = item.platform
    AND stored.pattern = item.pattern
ORDER BY item.place;
