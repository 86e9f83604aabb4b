-- name: identity.enter_teams :exec
-- Says in which teams the user is who acts, until the transaction ends: row-level security compares them. Read with
-- each transaction, so that a membership counts, and no longer counts, from its commit on.
-- Index: team_members_user.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
SELECT
    operations.set_local(
        'app.team_ids',
        coalesce(
            (
                SELECT string_agg(m.team_id::text, ',')
                FROM identity.team_members AS m
                WHERE m.tenant_id = :tenant_id
                    AND m.user_id = :user_id
            ),
            ''
        )
    ) AS team_ids;
