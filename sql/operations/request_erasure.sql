-- name: operations.request_erasure :one
-- An erasure for the worker. While one of the same person is pending, the index erasures_pending refuses another.
-- row: erasure
-- param: tenant_id    uuid    = '00000000-0000-7000-8000-000000000001'
-- param: person       text    = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
-- param: email        text    = 'kim@example.com'
-- param: dry_run      boolean = true
-- param: requested_by text    = 'user:00000000-0000-7000-8000-000000000004'
INSERT INTO operations.erasures AS e (tenant_id, person, email, dry_run, requested_by)
VALUES (:tenant_id, :person, :email, :dry_run, :requested_by)
RETURNING
    e.id,
    e.person,
    e.dry_run,
    e.counts,
    e.requested_by,
    e.finished_at,
    e.created_at,
    e.updated_at,
    e.revision;
