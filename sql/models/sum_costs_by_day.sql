-- name: models.sum_costs_by_day :many
-- What calls of models cost from one moment to before another, by day of UTC, the latest first. A sum is NULL when no
-- call of the day told. Index: model_runs_created.
-- replica: the sums of a moment ago will do
-- row: model_cost, the original
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: since     timestamptz = '2025-12-01T00:00:00Z'
-- param: until     timestamptz = '2026-01-01T00:00:00Z'
-- not null: key, label, runs, failures, runs_without_price
SELECT
    day.key,
    day.key AS label,
    day.runs,
    day.failures,
    day.tokens_in,
    day.tokens_out,
    day.cost_micros,
    day.runs_without_price
FROM (
    SELECT
        (r.created_at AT TIME ZONE 'UTC')::date::text AS key,
        count(*) AS runs,
        count(*) FILTER (WHERE NOT r.success) AS failures,
        sum(r.tokens_in) AS tokens_in,
        sum(r.tokens_out) AS tokens_out,
        sum(r.cost_micros) AS cost_micros,
        count(*) FILTER (WHERE r.cost_micros IS NULL) AS runs_without_price
    FROM models.model_runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.created_at >= :since
        AND r.created_at < :until
    GROUP BY (r.created_at AT TIME ZONE 'UTC')::date
) AS day
ORDER BY day.key DESC;
