-- name: tweets.search_tweets :page
-- Tweets with the words of a search, newest first: "exact words", or, -without. For each of the parts between `or` it goes
-- back through the tweets that have the rarest of the part's words, looks up the others for each, and compares the text
-- itself only then, until the page is full. How rare a word is, it counts up to a thousand. A part without a word that must
-- occur finds nothing.
-- Index: tweet_words_pkey.
-- row: tweet_item
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: q         text = 'shipping'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
-- not null: has_draft
WITH part AS (
    SELECT regexp_replace(parts.words, '(^|\s)-("[^"]*"?|\S+)', ' ', 'g') AS words
    FROM regexp_split_to_table(:q, '\s+or\s+', 'i') AS parts (words)
),

asked AS (
    SELECT array_agg(word.stem ORDER BY known.frequency, word.stem) AS stems
    FROM part
    CROSS JOIN LATERAL (
        SELECT w.lexeme COLLATE "C" AS stem
        FROM unnest(to_tsvector('english', part.words)) AS w
    ) AS word
    CROSS JOIN LATERAL (
        SELECT count(*) AS frequency
        FROM (
            SELECT w.id
            FROM tweets.tweet_words AS w
            WHERE w.tenant_id = :tenant_id
                AND w.word = word.stem
            ORDER BY w.id DESC
            LIMIT 1000
        ) AS first_ones
    ) AS known
    GROUP BY part.words
),

found AS (
    SELECT DISTINCT of_part.id
    FROM asked
    CROSS JOIN LATERAL (
        SELECT w.id
        FROM tweets.tweet_words AS w
        WHERE w.tenant_id = :tenant_id
            AND w.word = asked.stems[1]
            AND w.id < :after_id
            AND (
                SELECT count(*)
                FROM tweets.tweet_words AS other
                WHERE other.tenant_id = :tenant_id
                    AND other.word = ANY (asked.stems)
                    AND other.id = w.id
            ) = cardinality(asked.stems)
            -- As values, so that neither is made a join, which would read every tweet.
            AND (
                SELECT to_tsvector('english', text.full_text) @@ (SELECT websearch_to_tsquery('english', :q))
                FROM tweets.tweets AS text
                WHERE text.tenant_id = :tenant_id
                    AND text.id = w.id
            )
        ORDER BY w.id DESC
        LIMIT :limit + 1
    ) AS of_part
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
    (
        SELECT count(*) > 0
        FROM drafts.drafts AS d
        WHERE d.tenant_id = :tenant_id
            AND d.tweet_id = t.id
            AND d.status IN ('pending', 'approved')
    ) AS has_draft,
    t.flags
FROM found
INNER JOIN tweets.tweets AS t
    ON t.tenant_id = :tenant_id
    AND t.id = found.id
WHERE t.id < :after_id
ORDER BY t.id DESC
LIMIT :limit + 1;
