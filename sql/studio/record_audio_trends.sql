-- name: studio.record_audio_trends :many
-- Sounds as they were seen, each once by its id: a new one, or what is newer of a known one; what is older is
-- skipped. They come back in their order. Index: audio_trends_sound_key.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: trends    jsonb = '[]'
-- not null: outcome
WITH item AS (
    SELECT
        given.platform,
        given.sound_id,
        given.sound_name,
        given.artist_name,
        given.usage_count,
        given.trend_score,
        given.category,
        given.is_active,
        given.last_seen_at,
        listed.place,
        row_number() OVER (
            PARTITION BY given.platform, given.sound_id
            ORDER BY given.last_seen_at DESC, listed.place DESC
        ) AS repetition
    FROM jsonb_array_elements(:trends::jsonb) WITH ORDINALITY AS listed (item, place)
    CROSS JOIN
        LATERAL jsonb_to_record(listed.item)
            AS given (
                platform text,
                sound_id text,
                sound_name text,
                artist_name text,
                usage_count bigint,
                trend_score double precision,
                category text,
                is_active boolean,
                last_seen_at timestamptz
            )
),

stored AS (
    INSERT INTO studio.audio_trends AS t (
        tenant_id,
        platform,
        sound_id,
        sound_name,
        artist_name,
        usage_count,
        trend_score,
        category,
        is_active,
        last_seen_at
    )
    SELECT
        :tenant_id,
        item.platform,
        item.sound_id,
        item.sound_name,
        item.artist_name,
        item.usage_count,
        item.trend_score,
        item.category,
        item.is_active,
        item.last_seen_at
    FROM item
    WHERE item.repetition = 1
    ORDER BY item.platform, item.sound_id
    ON CONFLICT (tenant_id, platform, sound_id) DO UPDATE
        SET
            sound_name = excluded.sound_name,
            artist_name = excluded.artist_name,
            usage_count = excluded.usage_count,
            trend_score = excluded.trend_score,
            category = excluded.category,
            is_active = excluded.is_active,
            last_seen_at = excluded.last_seen_at
        WHERE t.last_seen_at < excluded.last_seen_at
    RETURNING
        t.id,
        t.platform,
        t.sound_id
),

known AS (
    SELECT
        t.id,
        t.platform,
        t.sound_id
    FROM item
    INNER JOIN studio.audio_trends AS t
        ON t.tenant_id = :tenant_id
        AND t.platform = item.platform
        AND t.sound_id = item.sound_id
    WHERE item.repetition = 1
)

SELECT
    coalesce(stored.id, known.id) AS id,
    CASE WHEN stored.id IS NOT NULL AND item.repetition = 1 THEN 'done' ELSE 'skipped' END AS outcome
FROM item
LEFT OUTER JOIN stored
    ON stored.platform = item.platform
    AND stored.sound_id = item.sound_id
LEFT OUTER JOIN known
    ON known.platform = item.platform
    AND known.sound_id = item.sound_id
ORDER BY item.place;
