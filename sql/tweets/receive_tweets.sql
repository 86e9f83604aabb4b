-- name: tweets.receive_tweets :many
-- Takes tweets in, each once by its external id; they come back in their order. A tweet that is known gets what is new
-- about it; what is not told, its status and its score stay, and so does the episode that it has. One
-- about which nothing is new is not written. Of two deliveries at once the second waits for the first's row, and
-- returns it: hence the update of each that was not known or differs, in the order of the external ids, so that two
-- lists do not wait for each other in turn. Index: tweets_external_id_key.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: tweets    jsonb = '[{"external_id": "1790000000000000014", "author_handle": "listener", "full_text": "Hm?"}]'
-- not null: id, outcome, created
WITH item AS (
    SELECT
        given.external_id,
        given.author_handle,
        given.full_text,
        given.posted_at,
        given.flags,
        given.in_reply_to_external_id,
        given.episode_id,
        listed.place
    FROM jsonb_array_elements(:tweets::jsonb) WITH ORDINALITY AS listed (tweet, place)
    CROSS JOIN
        LATERAL jsonb_to_record(listed.tweet)
            AS given (
                external_id text,
                author_handle text,
                full_text text,
                posted_at timestamptz,
                flags jsonb,
                in_reply_to_external_id text,
                episode_id uuid
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
    CASE WHEN stored.id IS NULL THEN 'skipped' ELSE 'done' END AS outcome,
    coalesce(stored.id = candidate.id, false) AS created
FROM item
LEFT OUTER JOIN known ON known.external_id = item.external_id
LEFT OUTER JOIN candidate ON candidate.external_id = item.external_id
LEFT OUTER JOIN stored ON stored.external_id = item.external_id
ORDER BY item.place;
