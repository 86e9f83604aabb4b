-- name: pipelines.report_stage :maybe
-- A stage of a run, as its worker reports it: the same one again replaces it, and the lease is extended. The run's
-- stage never goes back. No row when the lease is lost. After enter_for_all_users. Index: stage_outputs_stage_key.
-- param: tenant_id       uuid       = '00000000-0000-7000-8000-000000000001'
-- param: id              uuid       = '00000000-0000-7000-8000-000000000021'
-- param: lease_id        uuid       = '00000000-0000-7000-8000-000000000009'
-- param: lease           interval   = '60 seconds'
-- param: stage_number    int        = 2
-- param: name            text       = 'Signal Amplification'
-- param: status          text       = 'completed'
-- param: markdown_output text NULL  = '# Signals'
-- param: json_output     jsonb NULL = '{"signals": 3}'
-- single: held is one run
WITH held AS (
    UPDATE pipelines.runs AS r
    SET
        current_stage = greatest(r.current_stage, :stage_number),
        lease_expires_at = now() + :lease
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND r.lease_id = :lease_id
        AND r.lease_expires_at > now()
    RETURNING
        r.id,
        r.user_id
)

INSERT INTO pipelines.stage_outputs AS s (
    tenant_id, run_id, user_id, stage_number, name, status, markdown_output, json_output
)
SELECT
    :tenant_id,
    held.id AS run_id,
    held.user_id,
    :stage_number,
    :name,
    :status,
    :markdown_output,
    :json_output
FROM held
ON CONFLICT (tenant_id, run_id, stage_number) DO UPDATE
    SET
        name = excluded.name,
        status = excluded.status,
        markdown_output = excluded.markdown_output,
        json_output = excluded.json_output
RETURNING
    s.id,
    s.run_id,
    s.stage_number,
    s.name,
    s.status,
    s.markdown_output,
    s.json_output,
    s.created_at,
    s.updated_at,
    s.revision;
