-- name: models.get_active_prompt :one
-- The prompt that runs of a kind use now. Index: prompt_versions_one_active.
-- row: prompt
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: kind      text = 'reply'
SELECT
    p.id,
    p.kind,
    p.version,
    p.label,
    p.system_prompt,
    p.user_template,
    p.notes,
    p.author_user_id,
    p.restores_id,
    p.active,
    p.drafts_count,
    p.decided_count,
    p.approvals_count,
    p.approval_rate,
    p.average_edit_distance,
    p.metrics_at,
    p.created_at,
    p.updated_at,
    p.revision
FROM models.prompt_versions AS p
WHERE p.tenant_id = :tenant_id
    AND p.kind = :kind
    AND p.active;
