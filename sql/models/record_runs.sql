-- name: models.record_runs :many
-- Many calls of models at once, all or none; their ids in the order of the calls.
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid NULL = NULL
-- param: runs      jsonb     = '[{"run_type": "EMBEDDING", "model": "m", "success": true, "meta": {}}]'
-- not null: outcome
WITH run AS MATERIALIZED (
    SELECT
        operations.new_id() AS id,
        listed.position,
        given.run_type,
        given.input_ref,
        given.model,
        given.prompt_version_id,
        given.latency_ms,
        given.tokens_in,
        given.tokens_out,
        given.cost_micros,
        given.success,
        given.error,
        given.meta,
        given.started_at
    FROM jsonb_array_elements(:runs::jsonb) WITH ORDINALITY AS listed (run, position)
    CROSS JOIN
        LATERAL jsonb_to_record(listed.run)
            AS given (
                run_type text,
                input_ref text,
                model text,
                prompt_version_id uuid,
                latency_ms bigint,
                tokens_in bigint,
                tokens_out bigint,
                cost_micros bigint,
                success boolean,
                error text,
                meta jsonb,
                started_at timestamptz
            )
),

recorded AS (
    INSERT INTO models.model_runs AS r (
        tenant_id,
        id,
        user_id,
        run_type,
        input_ref,
        model,
        prompt_version_id,
        latency_ms,
        tokens_in,
        tokens_out,
        cost_micros,
        success,
        error,
        meta,
        started_at
    )
    SELECT
        :tenant_id,
        run.id,
        :user_id,
        run.run_type,
        run.input_ref,
        run.model,
        run.prompt_version_id,
        run.latency_ms,
        run.tokens_in,
        run.tokens_out,
        run.cost_micros,
        run.success,
        run.error,
        run.meta,
        run.started_at
    FROM run
    RETURNING r.id
)

SELECT
    recorded.id,
    'done' AS outcome
FROM recorded
INNER JOIN run ON run.id = recorded.id
ORDER BY run.position;
