-- name: identity.add_members :many
-- Adds members to a team, those who are not there yet; nobody if one of them is not known, or the caller sees no such
-- team. Triggers hold it to who may, count the members and let them take part in the chat.
-- row: member
-- param: tenant_id   uuid    = '00000000-0000-7000-8000-000000000001'
-- param: team_id     uuid    = '00000000-0000-7000-8000-000000000071'
-- param: user_ids    uuid[]  = '{00000000-0000-7000-8000-000000000004}'
-- param: is_admin    boolean = false
-- param: permissions text[]  = '{write-chat}'
WITH asked AS (
    SELECT DISTINCT a.id AS user_id
    FROM unnest(:user_ids::uuid []) AS a (id)
),

added AS (
    INSERT INTO identity.team_members (tenant_id, team_id, user_id, is_admin, permissions)
    SELECT
        :tenant_id,
        t.id,
        asked.user_id,
        :is_admin,
        :permissions
    FROM identity.teams AS t
    CROSS JOIN asked
    WHERE t.tenant_id = :tenant_id
        AND t.id = :team_id
        AND NOT EXISTS (
            SELECT
            FROM asked AS a
            WHERE (
                SELECT count(*)
                FROM identity.users AS k
                WHERE k.tenant_id = :tenant_id
                    AND k.id = a.user_id
            ) = 0
        )
    ORDER BY asked.user_id
    ON CONFLICT (tenant_id, team_id, user_id) DO NOTHING
    RETURNING
        id,
        team_id,
        user_id,
        is_admin,
        permissions,
        created_at,
        updated_at,
        revision
)

SELECT
    added.id,
    added.team_id,
    added.user_id,
    u.public_id AS user_public_id,
    u.display_name,
    u.handle,
    added.is_admin,
    added.permissions,
    added.created_at,
    added.updated_at,
    added.revision
FROM added
-- One by one: a plan for the average tenant would merge with all users of a large one.
CROSS JOIN
    LATERAL (
        SELECT
            k.public_id,
            k.display_name,
            k.handle
        FROM identity.users AS k
        WHERE k.tenant_id = :tenant_id
            AND k.id = added.user_id
        ORDER BY k.id
        LIMIT 1
    ) AS u
ORDER BY added.user_id;
