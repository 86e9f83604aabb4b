-- name: operations.set_retention_rule :one
-- How long a tenant keeps something: a new rule, or a known one changed.
-- Index: retention_rules_subject_key.
-- row: retention_rule
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: subject   text     = 'jobs'
-- param: days      int NULL = 30
INSERT INTO operations.retention_rules AS r (tenant_id, subject, days)
VALUES (:tenant_id, :subject, :days)
ON CONFLICT (tenant_id, subject) DO UPDATE
    SET days = excluded.days
RETURNING
    r.id,
    r.subject,
    r.days,
    r.created_at,
    r.updated_at,
    r.revision;
