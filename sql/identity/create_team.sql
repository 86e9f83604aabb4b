-- name: identity.create_team :maybe
-- A team with its creator as admin, its first members and their chat; no row if one of the members is not known.
-- Triggers count the members, also in the statistics. All of them take part in the chat. Whoever is named several
-- times is one member. The chat waits for the members, for only they may write one.
-- param: tenant_id              uuid      = '00000000-0000-7000-8000-000000000001'
-- param: created_by_id          uuid NULL = '00000000-0000-7000-8000-000000000002'
-- param: user_ids               uuid[]    = '{00000000-0000-7000-8000-000000000004}'
-- param: name                   text      = 'Support'
-- param: handle                 text NULL = 'support'
-- param: description            text NULL = NULL
-- param: is_private             boolean   = true
-- param: is_open_to_new_members boolean   = false
-- param: languages              text[]    = '{en}'
-- param: config                 jsonb     = '{}'
-- param: parent_id              uuid NULL = NULL
-- param: admin_permissions      text[]    = '{add-members,edit-team}'
-- param: member_permissions     text[]    = '{write-chat}'
-- param: chat_config            jsonb     = '{}'
-- not null: team, chat, member_count
WITH asked AS (
    SELECT a.id AS user_id
    FROM unnest(:user_ids::uuid []) AS a (id)
    UNION
    SELECT :created_by_id::uuid
    WHERE :created_by_id::uuid IS NOT NULL
),

team AS (
    INSERT INTO identity.teams (
        tenant_id,
        name,
        handle,
        description,
        is_private,
        is_open_to_new_members,
        languages,
        config,
        parent_id,
        created_by_id
    )
    SELECT
        :tenant_id,
        :name,
        lower(:handle),
        :description,
        :is_private,
        :is_open_to_new_members,
        :languages,
        :config,
        :parent_id,
        :created_by_id::uuid
    WHERE NOT EXISTS (
            SELECT
            FROM asked
            WHERE (
                SELECT count(*)
                FROM identity.users AS u
                WHERE u.tenant_id = :tenant_id
                    AND u.id = asked.user_id
            ) = 0
        )
    RETURNING
        id,
        public_id,
        name,
        handle,
        description,
        is_private,
        is_open_to_new_members,
        languages,
        config,
        parent_id,
        created_by_id,
        created_at,
        updated_at,
        revision
),

member AS (
    INSERT INTO identity.team_members (tenant_id, team_id, user_id, is_admin, permissions)
    SELECT
        :tenant_id,
        team.id,
        asked.user_id,
        asked.user_id = :created_by_id AND :created_by_id::uuid IS NOT NULL,
        CASE WHEN asked.user_id = :created_by_id THEN :admin_permissions::text [] ELSE :member_permissions::text [] END
    FROM team
    CROSS JOIN asked
    ORDER BY asked.user_id
    RETURNING is_admin
),

counted AS (
    SELECT
        count(*)::integer AS members,
        (count(*) FILTER (WHERE member.is_admin))::integer AS admins
    FROM member
),

chat AS (
    INSERT INTO identity.chats (tenant_id, team_id, created_by_id, config)
    SELECT
        :tenant_id,
        team.id,
        :created_by_id,
        :chat_config
    FROM team
    CROSS JOIN counted
    RETURNING
        id,
        public_id,
        team_id,
        created_by_id,
        open_to_anyone_with_invite,
        config,
        created_at,
        updated_at,
        revision
),

-- The trigger identity.join_chat() sees to it as well, if it runs when the chat is there.
participant AS (
    INSERT INTO identity.chat_participants AS p (tenant_id, team_id, chat_id, user_id, has_unread)
    SELECT
        :tenant_id,
        chat.team_id,
        chat.id,
        asked.user_id,
        false
    FROM chat
    CROSS JOIN asked
    ORDER BY asked.user_id
    ON CONFLICT DO NOTHING
    RETURNING p.id
)

SELECT
    json_build_object(
        'id', team.id,
        'public_id', team.public_id,
        'name', team.name,
        'handle', team.handle,
        'description', team.description,
        'is_private', team.is_private,
        'is_open_to_new_members', team.is_open_to_new_members,
        'languages', team.languages,
        'config', team.config,
        'parent_id', team.parent_id,
        'created_by_id', team.created_by_id,
        'member_count', counted.members,
        'admin_count', counted.admins,
        'created_at', team.created_at,
        'updated_at', team.updated_at,
        'revision', team.revision
    ) AS team,
    json_build_object(
        'id', chat.id,
        'public_id', chat.public_id,
        'team_id', chat.team_id,
        'created_by_id', chat.created_by_id,
        'is_private', team.is_private,
        'open_to_anyone_with_invite', chat.open_to_anyone_with_invite,
        'config', chat.config,
        'created_at', chat.created_at,
        'updated_at', chat.updated_at,
        'revision', chat.revision
    ) AS chat,
    counted.members AS member_count
FROM team
CROSS JOIN counted
CROSS JOIN chat;
