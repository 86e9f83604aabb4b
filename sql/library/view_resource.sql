-- name: library.view_resource :one
-- That a user looked at a resource, which counts once a day of UTC; no row when it is deleted, or not to be seen.
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: resource_id uuid = '00000000-0000-7000-8000-000000000071'
-- param: user_id     uuid = '00000000-0000-7000-8000-000000000002'
-- not null: resource_id, is_counted
WITH resource AS (
    SELECT r.id
    FROM library.resources AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :resource_id
        AND NOT r.is_deleted
),

view AS (
    INSERT INTO library.resource_views (tenant_id, resource_id, user_id)
    SELECT
        :tenant_id,
        resource.id,
        :user_id
    FROM resource
    ON CONFLICT DO NOTHING
    RETURNING resource_id
)

SELECT
    resource.id AS resource_id,
    view.resource_id IS NOT NULL AS is_counted
FROM resource
LEFT OUTER JOIN view ON view.resource_id = resource.id;
