-- name: operations.list_latest_system_metrics :many
-- The newest measurement by each source of each type, of those within the last 24 hours: what a scrape tells. `limit`
-- bounds how many of a type are read, so of a type with more only the sources that measured last are told.
-- Index: the primary key.
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: types     text[] = '{video_generation_rate}'
-- param: limit     int    = 1000
-- not null: type, source, measured_at, cases, value
WITH asked AS (
    SELECT listed.type
    FROM unnest(:types::text []) AS listed (type)
)

SELECT DISTINCT ON (asked.type, recent.source)
    asked.type,
    recent.source,
    recent.measured_at,
    recent.cases,
    (recent.total / recent.cases)::double precision AS value
FROM asked
CROSS JOIN
    LATERAL (
        SELECT
            m.source,
            m.measured_at,
            m.cases,
            m.total
        FROM operations.system_metrics AS m
        WHERE m.tenant_id = :tenant_id
            AND m.type = asked.type
            AND m.measured_at > now() - interval '24 hours'
        ORDER BY m.measured_at DESC, m.source DESC
        LIMIT :limit
    ) AS recent
ORDER BY asked.type ASC, recent.source ASC, recent.measured_at DESC;
