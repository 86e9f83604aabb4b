-- name: library.count_cancelled_runs :one
-- How many runs of resources this transaction cancelled, as it deleted them: a run is over at the time of the
-- transaction that ends it. It sees the rows of all users. Indexes: resource_versions_version_index_key, runs_version.
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: ids       uuid[] = '{00000000-0000-7000-8000-000000000041}'
-- not null: runs
SELECT count(*) AS runs
FROM library.runs AS r
WHERE r.tenant_id = :tenant_id
    AND r.version_id = any(array(
        SELECT v.id FROM library.resource_versions AS v
        WHERE v.tenant_id = :tenant_id
            AND v.root_id = any(:ids::uuid [])
    ))
    AND r.status = 'cancelled'
    AND r.completed_at = now();
