-- name: models.create_prompt :one
-- A new version of a prompt, not active yet. The trigger models.number_prompt() gives the version, and a free label
-- if there is none.
-- row: prompt
-- param: tenant_id      uuid      = '00000000-0000-7000-8000-000000000001'
-- param: kind           text      = 'reply'
-- param: label          text NULL = NULL
-- param: system_prompt  text      = 'You answer customers of a parts shop.'
-- param: user_template  text      = 'Answer this: {message}'
-- param: notes          text NULL = NULL
-- param: author_user_id uuid NULL = NULL
INSERT INTO models.prompt_versions AS p (
    tenant_id, kind, label, system_prompt, user_template, notes, author_user_id
)
VALUES (
    :tenant_id, :kind, :label, :system_prompt, :user_template, :notes, :author_user_id
)
RETURNING
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
    p.revision;
