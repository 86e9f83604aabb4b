-- name: models.list_runs_by_input :page
-- Calls of models about one input, of which there are few, the latest first.
-- Index: model_runs_input_ref.
-- row: model_run
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: input_ref text      = 'TICKET-123'
-- param: run_type  text NULL = NULL
-- param: after_id  uuid      = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int       = 30
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
    AND r.input_ref = :input_ref
    AND (:run_type::text IS NULL OR r.run_type = :run_type)
    AND r.id < :after_id
ORDER BY r.id DESC
LIMIT :limit + 1;
