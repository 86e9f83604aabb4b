-- name: studio.record_competitor_videos :many
-- Videos of others as they were scraped, each once by its id: a new one, or what is newer of a known one; what is
-- older is skipped. They come back in their order. Index: competitor_videos_external_id_key.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: videos    jsonb = '[]'
-- not null: outcome
WITH item AS (
    SELECT
        given.platform,
        given.external_id,
        given.creator_username,
        given.category,
        given.title,
        given.views,
        given.likes,
        given.comments,
        given.duration_seconds,
        given.hashtags,
        given.sound_id,
        given.hook_text,
        given.published_at,
        given.scraped_at,
        listed.place,
        row_number() OVER (
            PARTITION BY given.platform, given.external_id
            ORDER BY given.scraped_at DESC, listed.place DESC
        ) AS repetition
    FROM jsonb_array_elements(:videos::jsonb) WITH ORDINALITY AS listed (item, place)
    CROSS JOIN
        LATERAL jsonb_to_record(listed.item)
            AS given (
                platform text,
                external_id text,
                creator_username text,
                category text,
                title text,
                views bigint,
                likes bigint,
                comments bigint,
                duration_seconds integer,
                hashtags text [],
                sound_id text,
                hook_text text,
                published_at timestamptz,
                scraped_at timestamptz
            )
),

stored AS (
    INSERT INTO studio.competitor_videos AS v (
        tenant_id,
        platform,
        external_id,
        creator_username,
        category,
        title,
        views,
        likes,
        comments,
        duration_seconds,
        hashtags,
        sound_id,
        hook_text,
        published_at,
        scraped_at
    )
    SELECT
        :tenant_id,
        item.platform,
        item.external_id,
        item.creator_username,
        item.category,
        item.title,
        item.views,
        item.likes,
        item.comments,
        item.duration_seconds,
        item.hashtags,
        item.sound_id,
        item.hook_text,
        item.published_at,
        item.scraped_at
    FROM item
    WHERE item.repetition = 1
    ORDER BY item.platform, item.external_id
    ON CONFLICT (tenant_id, platform, external_id) DO UPDATE
        SET
            category = excluded.category,
            title = excluded.title,
            views = excluded.views,
            likes = excluded.likes,
            comments = excluded.comments,
            duration_seconds = excluded.duration_seconds,
            hashtags = excluded.hashtags,
            sound_id = excluded.sound_id,
            hook_text = excluded.hook_text,
            scraped_at = excluded.scraped_at
        WHERE v.scraped_at < excluded.scraped_at
    RETURNING
        v.id,
        v.platform,
        v.external_id
),

known AS (
    SELECT
        v.id,
        v.platform,
        v.external_id
    FROM item
    INNER JOIN studio.competitor_videos AS v
        ON v.tenant_id = :tenant_id
        AND v.platform = item.platform
        AND v.external_id = item.external_id
    WHERE item.repetition = 1
)

SELECT
    coalesce(stored.id, known.id) AS id,
    CASE WHEN stored.id IS NOT NULL AND item.repetition = 1 THEN 'done' ELSE 'skipped' END AS outcome
FROM item
LEFT OUTER JOIN stored
    ON stored.platform = item.platform
    AND stored.external_id = item.external_id
LEFT OUTER JOIN known
    ON known.platform = item.platform
    AND known.external_id = item.external_id
ORDER BY item.place;
