-- name: studio.search_concepts :page
-- Concepts that have all words of a search, newest first. It goes back through those that have the rarest of the words
-- and looks up the others for each, until the page is full. A word is the rarer, the further back a thousand concepts
-- with it reach.
-- Index: concept_words_pkey.
-- row: concept_item
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: q         text = 'toaster'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
WITH asked AS (
    SELECT array_agg(word.stem ORDER BY thousandth.id NULLS FIRST, word.stem) AS stems
    FROM (SELECT w.lexeme COLLATE "C" AS stem FROM unnest(to_tsvector('english', :q)) AS w) AS word
    LEFT OUTER JOIN LATERAL (
        SELECT w.id
        FROM studio.concept_words AS w
        WHERE w.tenant_id = :tenant_id
            AND w.word = word.stem
            AND w.id < :after_id
        ORDER BY w.id DESC
        LIMIT 1 OFFSET 999
    ) AS thousandth ON true
),

found AS (
    SELECT w.id
    FROM studio.concept_words AS w
    WHERE w.tenant_id = :tenant_id
        AND w.word = (SELECT asked.stems[1] FROM asked)
        AND w.id < :after_id
        -- Until one is missing: the rarest are looked up first.
        AND NOT EXISTS (
            SELECT
            FROM unnest((SELECT asked.stems[2:] FROM asked)) AS other (stem)
            WHERE (
                SELECT count(*)
                FROM studio.concept_words AS o
                WHERE o.tenant_id = :tenant_id
                    AND o.word = other.stem
                    AND o.id = w.id
            ) = 0
        )
    ORDER BY w.id DESC
    LIMIT :limit + 1
)

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
FROM found
INNER JOIN studio.concepts AS c
    ON c.tenant_id = :tenant_id
    AND c.id = found.id
WHERE c.id < :after_id
ORDER BY c.id DESC
LIMIT :limit + 1;
