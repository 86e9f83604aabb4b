-- name: models.lock_quota :exec
-- Keeps others from reserving in the tenant until the transaction ends, and makes the row with the defaults if there
-- is none yet. A statement of its own, sent before the next: what others counted while it waited must be visible to
-- that one. The WHERE spares a known row the update; PostgreSQL locks it all the same.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
INSERT INTO models.quota_limits AS l (tenant_id)
VALUES (:tenant_id)
ON CONFLICT (tenant_id) DO UPDATE
    SET allowed = l.allowed
    WHERE false;
