-- name: pipelines.get_run :one
-- A run of the user with all that came of it: cards and stages by their numbers, and the report.
-- Indexes: opportunity_cards_number_key, stage_outputs_stage_key, inspiration_reports_run_key.
-- row: pipeline_run, and more
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
-- param: id        uuid = '00000000-0000-7000-8000-000000000021'
-- not null: cards, stages
SELECT
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
    r.revision,
    coalesce(found.cards, '[]') AS cards,
    (
        SELECT
            json_build_object(
                'id', i.id,
                'inspiration1_title', i.inspiration1_title,
                'inspiration1_content', i.inspiration1_content,
                'inspiration1_elements', i.inspiration1_elements,
                'inspiration2_title', i.inspiration2_title,
                'inspiration2_content', i.inspiration2_content,
                'inspiration2_elements', i.inspiration2_elements,
                'created_at', i.created_at,
                'updated_at', i.updated_at
            )
        FROM pipelines.inspiration_reports AS i
        WHERE i.tenant_id = :tenant_id
            AND i.user_id = :user_id
            AND i.run_id = r.id
    ) AS report,
    coalesce(done.stages, '[]') AS stages
FROM pipelines.runs AS r
LEFT OUTER JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object(
                'id', c.id,
                'number', c.number,
                'title', c.title,
                'tagline', c.tagline,
                'problem', c.problem,
                'solution', c.solution,
                'why_now', c.why_now,
                'target_segment', c.target_segment,
                'quick_win', c.quick_win,
                'starred', c.starred
            )
            ORDER BY c.number
        ) AS cards
    FROM pipelines.opportunity_cards AS c
    WHERE c.tenant_id = :tenant_id
        AND c.user_id = :user_id
        AND c.run_id = r.id
) AS found ON true
LEFT OUTER JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object(
                'stage_number', s.stage_number,
                'name', s.name,
                'status', s.status,
                'markdown_output', s.markdown_output,
                'json_output', s.json_output,
                'created_at', s.created_at,
                'updated_at', s.updated_at
            )
            ORDER BY s.stage_number
        ) AS stages
    FROM pipelines.stage_outputs AS s
    WHERE s.tenant_id = :tenant_id
        AND s.user_id = :user_id
        AND s.run_id = r.id
) AS done ON true
WHERE r.tenant_id = :tenant_id
    AND r.user_id = :user_id
    AND r.id = :id;
