-- name: models.record_run :one
-- One call of a model.
-- row: model_run
-- param: tenant_id         uuid             = '00000000-0000-7000-8000-000000000001'
-- param: run_type          text             = 'DRAFT_REPLY'
-- param: input_ref         text NULL        = 'TICKET-123'
-- param: model             text             = 'gpt-4o-mini'
-- param: prompt_version_id uuid NULL        = NULL
-- param: user_id           uuid NULL        = NULL
-- param: latency_ms        bigint NULL      = 1420
-- param: tokens_in         bigint NULL      = 1200
-- param: tokens_out        bigint NULL      = 110
-- param: cost_micros       bigint NULL      = 5500
-- param: success           boolean          = true
-- param: error             text NULL        = NULL
-- param: meta              jsonb            = '{}'
-- param: started_at        timestamptz NULL = NULL
INSERT INTO models.model_runs AS r (
    tenant_id,
    run_type,
    input_ref,
    model,
    prompt_version_id,
    user_id,
    latency_ms,
    tokens_in,
    tokens_out,
    cost_micros,
    success,
    error,
    meta,
    started_at
)
VALUES (
    :tenant_id,
    :run_type,
    :input_ref,
    :model,
    :prompt_version_id,
    :user_id,
    :latency_ms,
    :tokens_in,
    :tokens_out,
    :cost_micros,
    :success,
    :error,
    :meta,
    :started_at
)
RETURNING
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
    r.created_at;
