-- name: operations.forget_idempotency_keys :one
-- Deletes idempotency keys that are older than what is kept and have run out, the oldest first, and tells how many; a
-- dry run only counts. One that is taken over meanwhile stays. Index: idempotency_keys_expiry.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: keep      interval = '1 day'
-- param: limit     int NULL = NULL
-- param: dry_run   boolean  = true
-- not null: rows
WITH old AS (
    SELECT k.ctid AS place
    FROM operations.idempotency_keys AS k
    WHERE k.tenant_id = :tenant_id
        AND k.expires_at < now()
        AND k.created_at < now() - :keep::interval
    ORDER BY k.expires_at
    LIMIT :limit::int
),

forgotten AS (
    DELETE FROM operations.idempotency_keys AS k
    WHERE k.tenant_id = :tenant_id
        AND k.ctid = any(array(SELECT old.place FROM old))
        AND k.expires_at < now()
        AND NOT :dry_run
    RETURNING k.key
)

SELECT CASE WHEN :dry_run THEN (SELECT count(*) FROM old) ELSE count(*) END AS rows
FROM forgotten;
