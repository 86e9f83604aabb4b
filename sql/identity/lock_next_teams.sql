-- name: identity.lock_next_teams :many
-- Locks a batch of teams, in the order of their ids, for identity.recount_teams in the same transaction: who is
-- counting has committed by then, or waits, and the next statement sees what was committed. Index: the primary key.
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid    = '00000000-0000-0000-0000-000000000000'
-- param: limit     integer = '1000'
SELECT
    t.id,
    t.member_count,
    t.admin_count
FROM identity.teams AS t
WHERE t.tenant_id = :tenant_id
    AND t.id > :after_id
ORDER BY t.id
LIMIT :limit
FOR NO KEY UPDATE;
