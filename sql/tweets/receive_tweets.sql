-- name: tweets.receive_tweets :many
-- Takes tweets in, each once by its external id; the n-th of each list belongs to the n-th tweet. A tweet that is known
-- gets what is new about it; what is not told, its status and its score stay, and so does the episode that it has. One
-- about which nothing is new is not written. Of two deliveries at once the second waits for the first's row, and
-- returns it: hence the update of each that was not known or differs, in the order of the external ids, so that two
-- lists do not wait for each other in turn. Index: tweets_external_id_key.
-- param: tenant_id                uuid          = '00000000-0000-7000-8000-000000000001'
-- param: external_ids             text[]        = '{1790000000000000014,1790000000000000015}'
-- param: author_handles           text[]        = '{listener,another}'
-- param: full_texts               text[]        = '{"Which episode was that?","The last one."}'
-- param: posted_ats               timestamptz[] = '{2025-12-31,NULL}'
-- param: flags                    jsonb[]       = '{NULL,NULL}'
-- param: in_reply_to_external_ids text[]        = '{NULL,1790000000000000014}'
-- param: episode_ids              uuid[]        = '{NULL,NULL}'
-- not null: id, external_id, created
WITH item AS (
    SELECT
        given.external_id,
        given.author_handle,
        given.full_text,
        given.posted_at,
        given.flags,
        given.in_reply_to_external_id,
        given.episode_id,
        given.place
    FROM unnest(
            :external_ids::text [],
            :author_handles::text [],
            :full_texts::text [],
            :posted_ats::timestamptz [],
            :flags::jsonb [],
            :in_reply_to_external_ids::text [],
            :episode_ids::uuid []
        ) WITH ORDINALITY AS given (
            external_id,
            author_handle,
            full_text,
            posted_at,
            flags,
            in_reply_to_external_id,
            episode_id,
            place
        )
),

known AS (
    SELECT
        t.id,
        t.external_id,
        (
            t.author_handle <> item.author_handle
            OR t.full_text <> item.full_text
            OR t.posted_at IS DISTINCT FROM coalesce(item.posted_at, t.posted_at)
            OR t.flags IS DISTINCT FROM coalesce(item.flags, t.flags)
            OR t.in_reply_to_external_id
            IS DISTINCT FROM coalesce(item.in_reply_to_external_id, t.in_reply_to_external_id)
            OR t.episode_id IS DISTINCT FROM coalesce(t.episode_id, item.episode_id)
        ) AS differs
    FROM item
    INNER JOIN tweets.tweets AS t
        ON t.tenant_id = :tenant_id
        AND t.external_id = item.external_id
),

candidate AS (
    SELECT
        operations.new_id() AS id,
        item.external_id,
        item.author_handle,
        item.full_text,
        item.posted_at,
        item.flags,
        item.in_reply_to_external_id,
        item.episode_id
    FROM item
    LEFT OUTER JOIN known ON known.external_id = item.external_id
    WHERE known.id IS NULL OR known.differs
),

stored AS (
    INSERT INTO tweets.tweets AS t (
        tenant_id,
        id,
        external_id,
        author_handle,
        full_text,
        posted_at,
        flags,
        in_reply_to_external_id,
        episode_id
    )
    SELECT
        :tenant_id,
        candidate.id,
        candidate.external_id,
        candidate.author_handle,
        candidate.full_text,
        candidate.posted_at,
        candidate.flags,
        candidate.in_reply_to_external_id,
        candidate.episode_id
    FROM candidate
    ORDER BY candidate.external_id
    ON CONFLICT (tenant_id, external_id) DO UPDATE
        SET
            author_handle = excluded.author_handle,
            full_text = excluded.full_text,
            posted_at = coalesce(excluded.posted_at, t.posted_at),
            flags = coalesce(excluded.flags, t.flags),
            in_reply_to_external_id = coalesce(
                excluded.in_reply_to_external_id, t.in_reply_to_external_id
            ),
            episode_id = coalesce(t.episode_id, excluded.episode_id)
    RETURNING
        t.id,
        t.external_id
)

SELECT
    coalesce(stored.id, known.id) AS id,
    item.external_id,
    coalesce(stored.id = candidate.id, false) AS created
FROM item
LEFT OUTER JOIN known ON known.external_id = item.external_id
LEFT OUTER JOIN candidate ON candidate.external_id = item.external_id
LEFT OUTER JOIN stored ON stored.external_id = item.external_id
ORDER BY item.place;
