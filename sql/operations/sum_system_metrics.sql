-- name: operations.sum_system_metrics :many
-- How well the system did in each hour or day of UTC, by type, oldest first: the mean over all cases, whoever measured.
-- Index: the primary key.
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: types     text[]      = '{video_generation_rate}'
-- param: unit      text        = 'hour'
-- param: since     timestamptz = '2000-01-01'
-- param: until     timestamptz = '2100-01-01'
-- not null: starts_at, cases, total, value
SELECT
    step.starts_at,
    m.type,
    sum(m.cases)::bigint AS cases,
    sum(m.total) AS total,
    (sum(m.total) / sum(m.cases))::double precision AS value
FROM operations.system_metrics AS m
CROSS JOIN LATERAL date_trunc(:unit, m.measured_at, 'UTC') AS step (starts_at)
WHERE m.tenant_id = :tenant_id
    AND m.type = any(:types)
    AND m.measured_at >= :since
    AND m.measured_at < :until
GROUP BY step.starts_at, m.type
ORDER BY step.starts_at, m.type;
