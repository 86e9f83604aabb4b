-- name: studio.get_adjustment :one
-- One scoring adjustment.
-- row: adjustment, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000046'
SELECT
    a.id,
    a.critique_id,
    a.reverts_id,
    a.category,
    a.platform,
    a.type,
    a.old_value,
    a.new_value,
    a.reason,
    a.applied_at
FROM studio.scoring_adjustments AS a
WHERE a.tenant_id = :tenant_id
    AND a.id = :id;
