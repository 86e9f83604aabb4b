-- name: models.get_prompt :one
-- One prompt, with its templates.
-- row: prompt, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000021'
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
    AND p.id = :id;
