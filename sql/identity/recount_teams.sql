-- name: identity.recount_teams :many
-- Those of some locked teams whose counts were wrong, with what they are now: identity.recount_members() counts. What
-- was right is not written. After identity.lock_next_teams, in the same transaction, which sees the rows of all users.
-- Index: the unique key of a team's members.
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: ids       uuid[] = '{00000000-0000-7000-8000-000000000031}'
UPDATE identity.teams AS t
SET counted_at = now()
WHERE t.tenant_id = :tenant_id
    AND t.id = any(:ids::uuid [])
    AND (t.member_count, t.admin_count) <> (
        SELECT
            count(*) AS members,
            count(*) FILTER (WHERE m.is_admin) AS admins
        FROM identity.team_members AS m
        WHERE m.tenant_id = :tenant_id
            AND m.team_id = t.id
    )
RETURNING
    t.id,
    t.member_count AS counted_member_count,
    t.admin_count AS counted_admin_count;
