-- name: library.list_all_runs_by_status :page
-- The runs of all users with one of the statuses, newest first. After enter_for_all_users.
-- Each status, which is named once, brings at most a page of ids in the order of its index, before they are merged. The
-- index has all that decides who sees a run: the planner takes those that are seen for few, because it cannot know that
-- the caller sees all, and would else read and sort them. It does not know :limit; it knows the largest page.
-- Those of resources that are deleted, or not to be seen any more, are left out.
-- Index: runs_status.
-- row: resource_run
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: status    text[] = '{scheduled,in_progress}'
-- param: after_id  uuid   = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int    = 30
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
FROM (SELECT unnest(:status::text []) AS status) AS wanted
INNER JOIN LATERAL (
    SELECT a.id
    FROM library.runs AS a
    WHERE a.tenant_id = :tenant_id
        AND a.status = wanted.status
        AND a.id < :after_id
        AND (
            SELECT s.deleted_at IS NULL
            FROM library.resource_versions AS v
            INNER JOIN library.resources AS s ON s.tenant_id = :tenant_id AND s.id = v.root_id
            WHERE v.tenant_id = :tenant_id
                AND v.id = a.version_id
        )
    ORDER BY a.id DESC
    LIMIT 101
) AS found ON true
INNER JOIN library.runs AS r
    ON r.tenant_id = :tenant_id
    AND r.id = found.id
WHERE r.id < :after_id
ORDER BY r.id DESC
LIMIT :limit + 1;
