-- name: studio.record_snapshots :many
-- What platforms counted of videos, each once by its time: what is there already is skipped. They come back in
-- their order.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: snapshots jsonb = '[]'
-- not null: outcome
WITH item AS (
    SELECT
        given.video_id,
        given.snapshot_at,
        given.views,
        given.likes,
        given.comments,
        given.shares,
        given.watch_seconds,
        listed.place,
        row_number() OVER (
            PARTITION BY given.video_id, given.snapshot_at
            ORDER BY listed.place
        ) AS repetition
    FROM jsonb_array_elements(:snapshots::jsonb) WITH ORDINALITY AS listed (snapshot, place)
    CROSS JOIN
        LATERAL jsonb_to_record(listed.snapshot)
            AS given (
                video_id uuid,
                snapshot_at timestamptz,
                views bigint,
                likes bigint,
                comments bigint,
                shares bigint,
                watch_seconds bigint
            )
),

stored AS (
    INSERT INTO studio.analytics_snapshots AS s (
        tenant_id,
        video_id,
        snapshot_at,
        views,
        likes,
        comments,
        shares,
        watch_seconds
    )
    SELECT
        :tenant_id,
        item.video_id,
        item.snapshot_at,
        item.views,
        coalesce(item.likes, 0),
        coalesce(item.comments, 0),
        coalesce(item.shares, 0),
        item.watch_seconds
    FROM item
    WHERE item.repetition = 1
    ORDER BY item.video_id, item.snapshot_at
    ON CONFLICT (tenant_id, video_id, snapshot_at) DO NOTHING
    RETURNING
        s.video_id,
        s.snapshot_at
)

SELECT
    NULL::uuid AS id,
    CASE WHEN stored.video_id IS NULL THEN 'skipped' ELSE 'done' END AS outcome
FROM item
LEFT OUTER JOIN stored
    ON stored.video_id = item.video_id
    AND stored.snapshot_at = item.snapshot_at
    AND item.repetition = 1
ORDER BY item.place;
