-- name: library.list_runs_of_team :page
-- A team's runs, newest first, for its members: for others it is empty, and soon so, although they may see single ones.
-- Those of resources that are deleted, or not to be seen any more, are left out. The planner does not know :limit, and
-- would sort all runs; it knows the largest page.
-- Index: runs_team.
-- row: resource_run
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: team_id   uuid = '00000000-0000-7000-8000-000000000061'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    r.id,
    r.version_id,
    r.user_id,
    r.team_id,
    r.name,
    r.is_private,
    r.was_run_automatically,
    r.status,
    r.due_at,
    r.attempts,
    r.max_attempts,
    r.locked_by,
    r.lease_expires_at,
    r.error,
    r.started_at,
    r.completed_at,
    r.time_elapsed,
    r.completed_complexity,
    r.context_switches,
    r.created_at,
    r.updated_at,
    r.revision
FROM (
    SELECT
        found.id,
        found.version_id,
        found.user_id,
        found.team_id,
        found.name,
        found.is_private,
        found.was_run_automatically,
        found.status,
        found.due_at,
        found.attempts,
        found.max_attempts,
        found.locked_by,
        found.lease_expires_at,
        found.error,
        found.started_at,
        found.completed_at,
        found.time_elapsed,
        found.completed_complexity,
        found.context_switches,
        found.created_at,
        found.updated_at,
        found.revision
    FROM library.runs AS found
    WHERE found.tenant_id = :tenant_id
        AND found.team_id = :team_id
        AND :team_id = any(string_to_array(current_setting('app.team_ids', true), ',')::uuid [])
        AND found.id < :after_id
        AND (
            SELECT s.deleted_at IS NULL
            FROM library.resource_versions AS v
            INNER JOIN library.resources AS s ON s.tenant_id = :tenant_id AND s.id = v.root_id
            WHERE v.tenant_id = :tenant_id
                AND v.id = found.version_id
        )
    ORDER BY found.id DESC
    LIMIT 101
) AS r
ORDER BY r.id DESC
LIMIT :limit + 1;
