-- name: models.list_prompts :page
-- Prompts of a tenant, newest first, without their templates.
-- Index: the primary key.
-- row: prompt_summary, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    p.id,
    p.kind,
    p.version,
    p.label,
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
    AND p.id < :after_id
ORDER BY p.id DESC
LIMIT :limit + 1;
