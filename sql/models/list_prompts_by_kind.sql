-- name: models.list_prompts_by_kind :page
-- Prompts of one kind, the latest version first, without their templates.
-- Index: prompt_versions_version_key.
-- row: prompt_summary
-- param: tenant_id     uuid   = '00000000-0000-7000-8000-000000000001'
-- param: kind          text   = 'reply'
-- param: after_version bigint = 9223372036854775807
-- param: limit         int    = 30
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
    AND p.kind = :kind
    AND p.version < :after_version
ORDER BY p.version DESC
LIMIT :limit + 1;
