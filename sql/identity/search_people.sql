-- name: identity.search_people :page
-- People in whose names words begin as those of a search do, newest first; not private ones, nor those who are
-- disabled. It goes back through those who have the rarest of the words and looks up the others for each, until the
-- page is full. A word is the rarer, the further back a thousand people with it reach.
-- Index: user_words_pkey.
-- row: person, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: q         text = 'ann smi'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
WITH asked AS (
    SELECT array_agg(word.stem ORDER BY thousandth.id NULLS FIRST, word.stem) AS stems
    FROM (SELECT w.lexeme COLLATE "C" AS stem FROM unnest(to_tsvector('simple', :q)) AS w) AS word
    LEFT OUTER JOIN LATERAL (
        SELECT w.id
        FROM identity.user_words AS w
        WHERE w.tenant_id = :tenant_id
            AND w.word = word.stem
            AND w.id < :after_id
        ORDER BY w.id DESC
        LIMIT 1 OFFSET 999
    ) AS thousandth ON true
),

found AS (
    SELECT w.id
    FROM identity.user_words AS w
    WHERE w.tenant_id = :tenant_id
        AND w.word = (SELECT asked.stems[1] FROM asked)
        AND w.id < :after_id
        -- Until one is missing: the rarest are looked up first.
        AND NOT EXISTS (
            SELECT
            FROM unnest((SELECT asked.stems[2:] FROM asked)) AS other (stem)
            WHERE (
                SELECT count(*)
                FROM identity.user_words AS o
                WHERE o.tenant_id = :tenant_id
                    AND o.word = other.stem
                    AND o.id = w.id
            ) = 0
        )
        AND (
            SELECT NOT v.is_private AND v.disabled_at IS NULL
            FROM identity.users AS v
            WHERE v.tenant_id = :tenant_id
                AND v.id = w.id
        )
    ORDER BY w.id DESC
    LIMIT :limit + 1
)

SELECT
    u.id,
    u.public_id,
    u.display_name,
    u.handle,
    u.is_bot,
    u.languages,
    u.created_at
FROM found
INNER JOIN identity.users AS u
    ON u.tenant_id = :tenant_id
    AND u.id = found.id
WHERE u.id < :after_id
ORDER BY u.id DESC
LIMIT :limit + 1;
