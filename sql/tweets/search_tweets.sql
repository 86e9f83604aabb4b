-- name: tweets.search_tweets :page
-- Tweets with the words of a search, newest first: "exact words", or, -without. For each of the parts between `or` it
-- goes back through the tweets that have the rarest of the part's words, looks up the others for each, and compares the
-- text itself only then, until the page is full. A word is the rarer, the further back a thousand tweets with it reach.
-- A part without a word that must occur finds nothing.
-- Index: tweet_words_pkey.
-- row: tweet_item
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: q         text = 'shipping'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
WITH part AS (
    SELECT regexp_replace(parts.words, '(^|\s)-("[^"]*"?|\S+)', ' ', 'g') AS words
    FROM regexp_split_to_table(:q, '\s+or\s+', 'i') AS parts (words)
),

asked AS (
    SELECT array_agg(word.stem ORDER BY thousandth.id NULLS FIRST, word.stem) AS stems
    FROM part
    INNER JOIN LATERAL (
        SELECT w.lexeme COLLATE "C" AS stem
        FROM unnest(to_tsvector('english', part.words)) AS w
    ) AS word ON true
    LEFT OUTER JOIN LATERAL (
        SELECT w.id
        FROM tweets.tweet_words AS w
        WHERE w.tenant_id = :tenant_id
            AND w.word = word.stem
            AND w.id < :after_id
        ORDER BY w.id DESC
        LIMIT 1 OFFSET 999
    ) AS thousandth ON true
    GROUP BY part.words
),

found AS (
    SELECT DISTINCT of_part.id
    FROM asked
    INNER JOIN LATERAL (
        SELECT w.id
        FROM tweets.tweet_words AS w
        WHERE w.tenant_id = :tenant_id
            AND w.word = asked.stems[1]
            AND w.id < :after_id
            -- The words first, until one is missing; and all as values, so that none is made a join, which would read
            -- every tweet.
            AND CASE
                WHEN NOT EXISTS (
                        SELECT
                        FROM unnest(asked.stems[2:]) AS other (stem)
                        WHERE (
                            SELECT count(*)
                            FROM tweets.tweet_words AS o
                            WHERE o.tenant_id = :tenant_id
                                AND o.word = other.stem
                                AND o.id = w.id
                        ) = 0
                    )
                    THEN (
                        SELECT to_tsvector('english', text.full_text) @@ (SELECT websearch_to_tsquery('english', :q))
                        FROM tweets.tweets AS text
                        WHERE text.tenant_id = :tenant_id
                            AND text.id = w.id
                    )
            END
        ORDER BY w.id DESC
        LIMIT :limit + 1
    ) AS of_part ON true
    ORDER BY of_part.id DESC
    LIMIT :limit + 1
)

SELECT
    t.id,
    t.external_id,
    t.author_handle,
    t.text_preview,
    t.created_at,
    t.relevance_score,
    t.status,
    t.has_draft,
    t.flags
FROM found
INNER JOIN tweets.tweets AS t
    ON t.tenant_id = :tenant_id
    AND t.id = found.id
WHERE t.id < :after_id
ORDER BY t.id DESC
LIMIT :limit + 1;
