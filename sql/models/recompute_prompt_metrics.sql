-- name: models.recompute_prompt_metrics :one
-- Counts what became of the drafts that were made with a prompt. Decided is what people approved or rejected, also
-- when it was archived since. An approval without an edit has the distance 0.
-- Indexes: drafts_prompt_version, draft_actions_one_decision.
-- row: prompt
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000021'
WITH outcome AS (
    SELECT
        d.status IN ('approved', 'sent')
        OR (d.status = 'archived' AND coalesce(a.type IN ('approve', 'edit'), false)) AS is_approved,
        d.status = 'rejected'
        OR (d.status = 'archived' AND coalesce(a.type = 'reject', false)) AS is_rejected,
        CASE
            WHEN a.type = 'approve' THEN 0
            WHEN a.type = 'edit' THEN a.edit_distance
        END AS edit_distance
    FROM drafts.drafts AS d
    LEFT OUTER JOIN drafts.draft_actions AS a
        ON a.tenant_id = :tenant_id
        AND a.draft_id = d.id
        AND a.type <> 'archive'
    WHERE d.tenant_id = :tenant_id
        AND d.prompt_version_id = :id
),

counted AS (
    SELECT
        count(*) AS drafts,
        count(*) FILTER (WHERE outcome.is_approved OR outcome.is_rejected) AS decided,
        count(*) FILTER (WHERE outcome.is_approved) AS approvals,
        avg(outcome.edit_distance)::double precision AS average_edit_distance
    FROM outcome
),

rated AS (
    SELECT
        counted.drafts,
        counted.decided,
        counted.approvals,
        coalesce(counted.approvals / nullif(counted.decided, 0)::double precision, 0) AS approval_rate,
        counted.average_edit_distance
    FROM counted
)

UPDATE models.prompt_versions AS p
SET
    drafts_count = rated.drafts,
    decided_count = rated.decided,
    approvals_count = rated.approvals,
    approval_rate = rated.approval_rate,
    average_edit_distance = rated.average_edit_distance,
    metrics_at = now()
FROM rated
WHERE p.tenant_id = :tenant_id
    AND p.id = :id
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
