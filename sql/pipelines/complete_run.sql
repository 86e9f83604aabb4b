-- name: pipelines.complete_run :maybe
-- The end of a run: its last stage, its cards and its status, in one statement. The worker that completed it may say it
-- again, after a crash or at once: what is there becomes the same, and cards stay starred. No row when the lease is
-- lost. After enter_for_all_users. Indexes: stage_outputs_stage_key, opportunity_cards_number_key.
-- row: pipeline_run
-- param: tenant_id       uuid       = '00000000-0000-7000-8000-000000000001'
-- param: id              uuid       = '00000000-0000-7000-8000-000000000021'
-- param: lease_id        uuid       = '00000000-0000-7000-8000-000000000009'
-- param: name            text       = 'Opportunity Generation'
-- param: markdown_output text       = '# Opportunities'
-- param: json_output     jsonb NULL = NULL
-- param: cards           jsonb      = '[]'
-- single: held is one run
WITH held AS (
    SELECT
        r.id,
        r.user_id,
        coalesce(r.completed_at, now()) AS completed_at
    FROM pipelines.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND r.lease_id = :lease_id
        AND (r.status = 'completed' OR (r.status = 'running' AND r.lease_expires_at > now()))
    FOR UPDATE
),

stage AS (
    INSERT INTO pipelines.stage_outputs AS s (
        tenant_id, run_id, user_id, stage_number, name, status, markdown_output, json_output
    )
    SELECT
        :tenant_id,
        held.id AS run_id,
        held.user_id,
        5 AS stage_number,
        :name,
        'completed' AS status,
        :markdown_output,
        :json_output
    FROM held
    ON CONFLICT (tenant_id, run_id, stage_number) DO UPDATE
        SET
            name = excluded.name,
            status = excluded.status,
            markdown_output = excluded.markdown_output,
            json_output = excluded.json_output
    RETURNING s.id
),

card AS (
    INSERT INTO pipelines.opportunity_cards AS c (
        tenant_id, run_id, user_id, number, title, tagline, problem, solution, why_now, target_segment, quick_win
    )
    SELECT
        :tenant_id,
        held.id AS run_id,
        held.user_id,
        found.number,
        found.title,
        found.tagline,
        found.problem,
        found.solution,
        found.why_now,
        found.target_segment,
        found.quick_win
    FROM held
    CROSS JOIN
        jsonb_to_recordset(:cards::jsonb)
            AS found (
                number integer,
                title text,
                tagline text,
                problem text,
                solution text,
                why_now text,
                target_segment text,
                quick_win text
            )
    ON CONFLICT (tenant_id, run_id, number) DO UPDATE
        SET
            title = excluded.title,
            tagline = excluded.tagline,
            problem = excluded.problem,
            solution = excluded.solution,
            why_now = excluded.why_now,
            target_segment = excluded.target_segment,
            quick_win = excluded.quick_win
    RETURNING c.id
)

UPDATE pipelines.runs AS r
SET
    status = 'completed',
    current_stage = 5,
    completed_at = held.completed_at,
    lease_expires_at = NULL,
    error_message = NULL
FROM held
WHERE r.tenant_id = :tenant_id
    AND r.id = held.id
RETURNING
    r.id,
    r.user_id,
    r.external_id,
    r.company_id,
    r.company_name,
    r.document_name,
    r.document_url,
    r.document_type,
    r.document_size,
    r.pipeline_version,
    r.status,
    r.current_stage,
    r.attempts,
    r.max_attempts,
    r.error_message,
    r.lease_expires_at,
    r.due_at,
    r.started_at,
    r.completed_at,
    (1000 * extract(EPOCH FROM r.completed_at - r.started_at))::bigint AS duration_ms,
    r.created_at,
    r.updated_at,
    r.revision;
