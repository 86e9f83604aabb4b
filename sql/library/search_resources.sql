-- name: library.search_resources :page
-- Listed resources that have all words of a search in the names and descriptions of their latest version, whatever the
-- language, the best first. The type is one more word. It goes down those that have the rarest of the words, from the
-- best, and looks up the others for each, until the page is full. A word is the rarer, the further down a thousand
-- resources with it reach.
-- Index: resource_words_pkey.
-- row: resource
-- param: tenant_id     uuid      = '00000000-0000-7000-8000-000000000001'
-- param: q             text      = 'standup'
-- param: resource_type text NULL = NULL
-- param: after_score   int       = 2147483647
-- param: after_id      uuid      = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit         int       = 30
WITH asked AS (
    SELECT array_agg(word.stem ORDER BY thousandth.score NULLS FIRST, thousandth.id, word.stem) AS stems
    FROM (SELECT library.words_of(:q, NULL) AS words) AS given
    CROSS JOIN
        LATERAL (
            SELECT w.word COLLATE "C" AS stem
            FROM unnest(given.words) AS w (word)
            UNION ALL
            SELECT ' ' || :resource_type
            WHERE :resource_type::text IS NOT NULL
                AND given.words <> '{}'
        ) AS word
    LEFT OUTER JOIN LATERAL (
        SELECT
            w.score,
            w.id
        FROM library.resource_words AS w
        WHERE w.tenant_id = :tenant_id
            AND w.word = word.stem
            AND (w.score, w.id) < (:after_score, :after_id)
        ORDER BY w.score DESC, w.id DESC
        LIMIT 1 OFFSET 999
    ) AS thousandth ON true
),

found AS (
    SELECT
        w.score,
        w.id
    FROM library.resource_words AS w
    WHERE w.tenant_id = :tenant_id
        AND w.word = (SELECT asked.stems[1] FROM asked)
        AND (w.score, w.id) < (:after_score, :after_id)
        -- Until one is missing: the rarest are looked up first.
        AND NOT EXISTS (
            SELECT
            FROM unnest((SELECT asked.stems[2:] FROM asked)) AS other (stem)
            WHERE (
                SELECT count(*)
                FROM library.resource_words AS o
                WHERE o.tenant_id = :tenant_id
                    AND o.word = other.stem
                    AND o.score = w.score
                    AND o.id = w.id
            ) = 0
        )
    ORDER BY w.score DESC, w.id DESC
    LIMIT :limit + 1
)

SELECT
    r.id,
    r.public_id,
    r.resource_type,
    r.is_private,
    r.parent_id,
    r.created_by_id,
    r.owned_by_user_id,
    r.owned_by_team_id,
    r.has_complete_version,
    r.completed_at,
    r.score,
    r.bookmarks,
    r.views,
    r.is_deleted,
    r.deleted_at,
    r.deleted_by_id,
    r.created_at,
    r.updated_at,
    r.revision
FROM found
INNER JOIN library.resources AS r
    ON r.tenant_id = :tenant_id
    AND r.id = found.id
WHERE r.is_listed
    AND (r.score, r.id) < (:after_score, :after_id)
ORDER BY r.score DESC, r.id DESC
LIMIT :limit + 1;
