-- name: library.list_versions :page
-- The versions of a resource that is not deleted, the latest first. Index: resource_versions_version_index_key.
-- row: resource_version, the original
-- param: tenant_id           uuid = '00000000-0000-7000-8000-000000000001'
-- param: resource_id         uuid = '00000000-0000-7000-8000-000000000071'
-- param: after_version_index int  = 2147483647
-- param: after_id            uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit               int  = 30
SELECT
    v.id,
    v.public_id,
    v.root_id,
    v.version_index,
    v.version_label,
    v.config,
    v.is_complete,
    v.is_latest,
    v.version_notes,
    v.times_started,
    v.times_completed,
    v.created_at,
    v.updated_at,
    v.revision
FROM library.resources AS r
INNER JOIN library.resource_versions AS v
    ON v.tenant_id = :tenant_id
    AND v.root_id = r.id
WHERE r.tenant_id = :tenant_id
    AND r.id = :resource_id
    AND NOT r.is_deleted
    AND (v.version_index, v.id) < (:after_version_index, :after_id)
ORDER BY v.version_index DESC, v.id DESC
LIMIT :limit + 1;
