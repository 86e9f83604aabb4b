-- name: models.get_run :one
-- One call of a model.
-- row: model_run, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000024'
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
    AND r.id = :id;
