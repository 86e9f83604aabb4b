-- name: operations.record_system_metrics :many
-- What services measured, each once by type, time and source: what is there already is skipped. They come back in their
-- order.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: metrics   jsonb = '[]'
-- not null: outcome
WITH item AS (
    SELECT
        given.type,
        given.measured_at,
        given.source,
        given.cases,
        given.total,
        listed.place,
        row_number() OVER (
            PARTITION BY given.type, given.measured_at, given.source
            ORDER BY listed.place
        ) AS repetition
    FROM jsonb_array_elements(:metrics::jsonb) WITH ORDINALITY AS listed (metric, place)
    CROSS JOIN
        LATERAL jsonb_to_record(listed.metric)
            AS given (type text, measured_at timestamptz, source text, cases bigint, total numeric)
),

stored AS (
    INSERT INTO operations.system_metrics AS m (tenant_id, type, measured_at, source, cases, total)
    SELECT
        :tenant_id,
        item.type,
        item.measured_at,
        item.source,
        item.cases,
        item.total
    FROM item
    WHERE item.repetition = 1
    ORDER BY item.type, item.measured_at, item.source
    ON CONFLICT (tenant_id, type, measured_at, source) DO NOTHING
    RETURNING
        m.type,
        m.measured_at,
        m.source
)

SELECT
    NULL::uuid AS id,
    CASE WHEN stored.type IS NULL THEN 'skipped' ELSE 'done' END AS outcome
FROM item
LEFT OUTER JOIN stored
    ON stored.type = item.type
    AND stored.measured_at = item.measured_at
    AND stored.source = item.source
    AND item.repetition = 1
ORDER BY item.place;
