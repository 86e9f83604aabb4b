-- name: identity.update_tenant :maybe
-- Changes what `changes` names; no row when the revision is another.
-- row: tenant
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: changes   jsonb       = '{"self_approval": false}'
-- param: revision  bigint NULL = NULL
UPDATE identity.tenants AS t
SET
    name = coalesce(:changes::jsonb ->> 'name', t.name),
    decision_role = coalesce(:changes::jsonb ->> 'decision_role', t.decision_role),
    self_approval = coalesce((:changes::jsonb ->> 'self_approval')::boolean, t.self_approval),
    toxicity_threshold = coalesce((:changes::jsonb ->> 'toxicity_threshold')::float8, t.toxicity_threshold),
    overtaken_replies = coalesce(:changes::jsonb ->> 'overtaken_replies', t.overtaken_replies)
WHERE t.id = :tenant_id
    AND (:revision::bigint IS NULL OR t.revision = :revision)
RETURNING
    t.id,
    t.name,
    t.decision_role,
    t.self_approval,
    t.toxicity_threshold,
    t.overtaken_replies,
    t.created_at,
    t.updated_at,
    t.revision;
