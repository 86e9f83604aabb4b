-- name: models.list_runs :page
-- Calls of models, the latest first.
-- Index: the primary key.
-- row: model_run
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    r.id,
    r.run_type,
    r.input_ref,
    r.model,
    r.prompt_version_id,
    r.user_id,
    r.latency_ms,
    r.tokens_in,
    r.tokens_out,
    r.cost_micros,
    r.success,
    r.error,
    r.meta,
    r.started_at,
    r.created_at
FROM models.model_runs AS r
WHERE r.tenant_id = :tenant_id
    AND r.id < :after_id
ORDER BY r.id DESC
LIMIT :limit + 1;
